/** Where inquiries come from: a table whose bars are part of it. */
export function Sources(props: {
  sources: readonly { readonly source: string | null; readonly count: number }[];
}) {
  const { sources } = props;
  const most = Math.max(1, ...sources.map(({ count }) => count));
  return (
    <section className="card" aria-labelledby="sources-title">
      <div className="card-head">
        <div>
          <h3 id="sources-title">Where they came from</h3>
          <p>The ten forms and pages most came from.</p>
        </div>
      </div>
      {sources.length === 0 ? (
        <p className="quiet-text">Nothing came in during this period.</p>
      ) : (
        <table className="table bars">
          <thead className="sr">
            <tr>
              <th scope="col">Source</th>
              <th scope="col">Inquiries</th>
            </tr>
          </thead>
          <tbody>
            {sources.map(({ source, count }) => (
              <tr key={source ?? ""}>
                <th scope="row">{source ?? "not said"}</th>
                <td>
                  <span className="bar" style={{ width: `${(count / most) * 80}%` }} />
                  <span className="num">{count.toLocaleString()}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
