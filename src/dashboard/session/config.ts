import type { SiteConfig } from "../../site/pages.ts";

/** What the Worker wrote into the document. */
export const siteConfig = JSON.parse(
  document.getElementById("config")?.textContent || "{}",
) as SiteConfig;
