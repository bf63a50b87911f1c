export function OperationsPage() {
  return <p>…</p>;
}
