import { useQuery } from "@tanstack/react-query";
import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { throwProblem } from "../api/problem.ts";
import { queryClient } from "../api/query-client.ts";
import type { RowList } from "../list/row-list.ts";
import { type Resource, useChanges } from "../list/use-changes.ts";
import { toastProblem } from "../ui/toasts.tsx";
import { inquiryKey, inquiryQuery, refreshCounts, rememberInquiry } from "./queries.ts";
import { type InboxSearch, matches, type Status } from "./search.ts";
import { stepsTo } from "./steps.ts";
import { triage } from "./triage.ts";

export type Patch = Partial<Pick<Inquiry, "assignee" | "subject" | "name" | "phone" | "email">>;

/** Everything one can do with inquiries on the page, and what comes of it in list and detail. */
export function useActions(options: {
  list: RowList<Inquiry>;
  search: InboxSearch;
  openId: string | undefined;
  open: (id: string | undefined, replace?: boolean) => Promise<void>;
  clear: () => void;
}) {
  const { list, search, openId, open, clear } = options;
  const inBin = search.view === "bin";
  const { data: opened } = useQuery({
    ...inquiryQuery(openId ?? "", inBin),
    enabled: openId !== undefined,
  });
  const resource = resourceOf(inBin);
  const changes = useChanges<Inquiry, Patch>({ list, resource, opened, openId, open });
  const { conflict, learn, takeAway, meet, edit } = changes;

  function show(changed: readonly Inquiry[]): (ids?: ReadonlySet<string>) => void {
    const before = new Map(
      changed.map(({ id }) => [
        id,
        list.find(id) ?? queryClient.getQueryData<Inquiry>(inquiryKey(id)),
      ]),
    );
    for (const inquiry of changed) {
      list.update(inquiry);
      queryClient.setQueryData<Inquiry>(inquiryKey(inquiry.id), (old) =>
        old ? { ...old, status: inquiry.status } : old,
      );
    }
    const gone = new Set(changed.filter((each) => !matches(search, each)).map(({ id }) => id));
    const putBack = takeAway(gone);
    clear();
    return (ids) => {
      putBack();
      const again = ids && new Set([...gone].filter((id) => !ids.has(id)));
      if (again) list.remove(again);
      for (const [id, old] of before) {
        if (!old || (ids && !ids.has(id))) continue;
        list.update(old);
        queryClient.setQueryData<Inquiry>(inquiryKey(id), (now) =>
          now && now.version <= old.version ? old : now,
        );
      }
    };
  }

  function latest(inquiries: readonly Inquiry[]): readonly Inquiry[] {
    return inquiries.map(
      (each) =>
        list.find(each.id) ?? queryClient.getQueryData<Inquiry>(inquiryKey(each.id)) ?? each,
    );
  }

  function change(inquiries: readonly Inquiry[], to: Status): void {
    triage({
      inquiries,
      to,
      show,
      onRetry: (before, status) => change(latest(before), status),
      onChanged: (id, { status, version }) => {
        const known = list.find(id) ?? queryClient.getQueryData<Inquiry>(inquiryKey(id));
        if (known) learn({ ...known, status, version });
      },
      onConflict: (inquiry, status) =>
        void meet(inquiry, { status }).catch((error) => toastProblem("Nothing was changed", error)),
    });
  }

  return {
    ...changes,
    opened,
    triage: change,
    /** Whether what was wanted can still be done to what there is now. */
    mayApply:
      conflict !== undefined &&
      (conflict.wanted.status === undefined ||
        (stepsTo(conflict.now.status, conflict.wanted.status)?.length ?? 0) > 0),
    applyMine(): void {
      changes.keepTheirs();
      if (!conflict) return;
      const { status, ...patch } = conflict.wanted;
      if (status !== undefined) change([conflict.now], status);
      else edit(conflict.now, patch as Patch).catch((e) => toastProblem("Nothing was saved", e));
    },
  };
}

export type Actions = ReturnType<typeof useActions>;

function resourceOf(inBin: boolean): Resource<Inquiry, Patch> {
  const one = api.inquiries[":id"];
  const match = ({ version }: Inquiry) => ({ "if-match": `"v${version}"` });
  return {
    fetchNow: (id) => queryClient.fetchQuery({ ...inquiryQuery(id, inBin), staleTime: 0 }),
    patch: (inquiry, json) =>
      answerOf(one.$patch({ param: { id: inquiry.id }, header: match(inquiry), json })),
    async remove(inquiry) {
      const answer = await one.$delete({ param: { id: inquiry.id }, header: match(inquiry) });
      if (!answer.ok) await throwProblem(answer as unknown as Response);
    },
    restore: (id) => answerOf(one.restore.$post({ param: { id }, header: {} })),
    remember: rememberInquiry,
    recount: refreshCounts,
  };
}
