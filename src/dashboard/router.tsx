import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { InboxPage } from "./inbox/inbox-page.tsx";
import { parseInboxSearch } from "./inbox/search.ts";
import { Layout } from "./shell/layout.tsx";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { parseStatisticsSearch } from "./statistics/periods.ts";
import { parseSubscriberSearch } from "./subscribers/search.ts";
import { laterPage } from "./ui/later.tsx";
import { Failure } from "./ui/states.tsx";

const root = createRootRoute({ component: Layout, notFoundComponent: NotFoundPage });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inquiries", replace: true });
  },
});

const inquiries = createRoute({
  getParentRoute: () => root,
  path: "/inquiries",
  validateSearch: parseInboxSearch,
  component: InboxPage,
});

/** The same page with one open: the list beside it must not be made anew. */
const inquiry = createRoute({ getParentRoute: () => inquiries, path: "$id" });

const subscribers = createRoute({
  getParentRoute: () => root,
  path: "/subscribers",
  validateSearch: parseSubscriberSearch,
  component: laterPage(
    async () => (await import("./subscribers/subscribers-page.tsx")).SubscribersPage,
  ),
});

const subscriber = createRoute({ getParentRoute: () => subscribers, path: "$id" });

const statistics = createRoute({
  getParentRoute: () => root,
  path: "/statistics",
  validateSearch: parseStatisticsSearch,
  component: laterPage(
    async () => (await import("./statistics/statistics-page.tsx")).StatisticsPage,
  ),
});

const operations = createRoute({
  getParentRoute: () => root,
  path: "/operations",
  component: laterPage(
    async () => (await import("./operations/operations-page.tsx")).OperationsPage,
  ),
});

const privacy = createRoute({
  getParentRoute: () => root,
  path: "/privacy",
  component: laterPage(async () => (await import("./privacy/privacy-page.tsx")).PrivacyPage),
});

const forms = createRoute({
  getParentRoute: () => root,
  path: "/forms",
  component: laterPage(async () => (await import("./embed/forms-page.tsx")).FormsPage),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    inquiries.addChildren([inquiry]),
    subscribers.addChildren([subscriber]),
    statistics,
    operations,
    privacy,
    forms,
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
