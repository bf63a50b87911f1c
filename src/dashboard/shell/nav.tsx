import { Link, type LinkProps, useRouterState } from "@tanstack/react-router";
import {
  Activity,
  ChartColumn,
  CodeXml,
  Inbox,
  type LucideIcon,
  ShieldUser,
  Users,
} from "lucide-react";
import { ViewLinks } from "../inbox/view-links.tsx";
import { ConnectionBadge } from "../live/connection-badge.tsx";
import { useMay } from "../session/me.ts";
import { SubscriberViews } from "../subscribers/view-links.tsx";
import { Logo } from "../ui/logo.tsx";
import { Account } from "./account.tsx";

interface Section {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly name: string;
  readonly icon: LucideIcon;
  /** What one must be allowed to see it. */
  readonly needs: readonly [object: string, action: string];
}

const SECTIONS: readonly Section[] = [
  { to: "/inquiries", name: "Inquiries", icon: Inbox, needs: ["inquiry", "read"] },
  { to: "/subscribers", name: "Subscribers", icon: Users, needs: ["subscriber", "read"] },
  { to: "/statistics", name: "Statistics", icon: ChartColumn, needs: ["statistics", "read"] },
  { to: "/operations", name: "Operations", icon: Activity, needs: ["room", "operations"] },
  { to: "/privacy", name: "Privacy", icon: ShieldUser, needs: ["privacy", "report"] },
  { to: "/forms", name: "Forms", icon: CodeXml, needs: ["inquiry", "update"] },
];

export function Nav() {
  const may = useMay();
  const room = useRouterState({
    select: ({ location }) =>
      location.pathname.startsWith("/subscribers") ? "subscribers" : "inquiries",
  });
  return (
    <header className="rail">
      <div className="brand">
        <Logo size={26} />
        <span>Outreach</span>
      </div>
      <nav className="nav" aria-label="Sections">
        <ul>
          {SECTIONS.filter(({ needs }) => may(...needs)).map(({ to, name, icon: Icon }) => (
            <li key={name}>
              <Link to={to} className="nav-link" activeOptions={{ includeSearch: false }}>
                <Icon size={19} strokeWidth={1.9} aria-hidden="true" />
                <span>{name}</span>
              </Link>
              {to === "/inquiries" && <ViewLinks place="rail" />}
              {to === "/subscribers" && <SubscriberViews place="rail" />}
            </li>
          ))}
        </ul>
      </nav>
      <div className="rail-foot">
        <ConnectionBadge room={room} />
        <Account />
      </div>
    </header>
  );
}
