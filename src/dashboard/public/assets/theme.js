// Before the first paint, so that a dark desk does not flash white. Classic script: modules wait.
try {
  const theme = localStorage.getItem("outreach.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's own choice stands.
}
