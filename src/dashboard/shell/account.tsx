import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { flushTriage } from "../inbox/triage.ts";
import { drafts } from "../session/drafts.ts";
import { useMe } from "../session/me.ts";
import { signOut } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";
import { IconButton } from "../ui/button.tsx";
import { setTheme, type Theme, useTheme } from "../ui/theme.ts";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };
const NAMES = { system: "as the system", light: "light", dark: "dark" };

export function Account() {
  const { data: me } = useMe();
  const session = useSession();
  // An access token need not carry the name; the ID token does.
  const name = "user" in session ? session.user.profile.name : undefined;
  const theme = useTheme();
  const Icon = ICONS[theme];
  return (
    <div className="account">
      <div className="account-who">
        <strong>{name ?? me?.name ?? me?.subject}</strong>
        <span>{me?.roles.map((role) => role.toLowerCase()).join(", ")}</span>
      </div>
      <IconButton label={`Theme: ${NAMES[theme]}`} onPress={() => setTheme(NEXT[theme])}>
        <Icon size={17} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Sign out"
        onPress={() => {
          drafts.forgetAll();
          void flushTriage().then(signOut);
        }}
      >
        <LogOut size={17} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
