export function SubscribersPage() {
  return <p>…</p>;
}
