export function FormsPage() {
  return <p>…</p>;
}
