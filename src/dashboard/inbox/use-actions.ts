import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { queryClient } from "../api/query-client.ts";
import { toast, toastProblem } from "../ui/toasts.tsx";
import type { Conflict } from "./conflict-dialog.tsx";
import type { InquiryList } from "./inquiry-list.ts";
import { inquiryKey, inquiryQuery, refreshCounts, rememberInquiry } from "./queries.ts";
import { type InboxSearch, matches, type Status } from "./search.ts";
import { stepsTo } from "./steps.ts";
import { triage } from "./triage.ts";

export type Patch = Partial<Pick<Inquiry, "assignee" | "subject" | "name" | "phone" | "email">>;

/** Everything one can do with inquiries on the page, and what comes of it in list and detail. */
export function useActions(options: {
  list: InquiryList;
  search: InboxSearch;
  openId: string | undefined;
  open: (id: string | undefined, replace?: boolean) => Promise<void>;
  clear: () => void;
}) {
  const { list, search, openId, open, clear } = options;
  const [conflict, setConflict] = useState<Conflict>();
  const { data: opened } = useQuery({
    ...inquiryQuery(openId ?? "", search.view === "bin"),
    enabled: openId !== undefined,
  });

  function learn(inquiry: Inquiry): void {
    list.update(inquiry);
    rememberInquiry(inquiry);
    refreshCounts();
  }

  /** The reader's own action takes rows away; the one after them opens. */
  function takeAway(ids: ReadonlySet<string>): () => void {
    if (openId !== undefined && ids.has(openId)) {
      const at = list.indexOf(openId);
      const rows = Array.from({ length: ids.size + 1 }, (_, n) => list.row(at + n));
      const next = rows.find((row) => row && !ids.has(row.id)) ?? list.row(at - 1);
      void open(at < 0 || next === undefined || ids.has(next.id) ? undefined : next.id, true);
    }
    return list.remove(ids);
  }

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

  async function meet(before: Inquiry, wanted: Partial<Inquiry>): Promise<void> {
    const now = await queryClient.fetchQuery({
      ...inquiryQuery(before.id, search.view === "bin"),
      staleTime: 0,
    });
    list.update(now);
    setConflict({ before, wanted, now });
  }

  /** @returns undefined when somebody else was faster: then the dialogue has opened */
  async function edit(inquiry: Inquiry, patch: Patch): Promise<Inquiry | undefined> {
    try {
      const saved = await answerOf(
        api.inquiries[":id"].$patch({
          param: { id: inquiry.id },
          header: { "if-match": `"v${inquiry.version}"` },
          json: patch,
        }),
      );
      learn(saved);
      return saved;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 412) throw error;
      await meet(inquiry, patch);
      return undefined;
    }
  }

  function change(inquiries: readonly Inquiry[], to: Status): void {
    triage({
      inquiries,
      to,
      show,
      onChanged: (id, { status, version }) => {
        const known = list.find(id) ?? queryClient.getQueryData<Inquiry>(inquiryKey(id));
        if (known) learn({ ...known, status, version });
      },
      onConflict: (inquiry, status) =>
        void meet(inquiry, { status }).catch((error) => toastProblem("Nothing was changed", error)),
    });
  }

  return {
    opened,
    conflict,
    edit,
    triage: change,
    /** Whether what was wanted can still be done to what there is now. */
    mayApply:
      conflict !== undefined &&
      (conflict.wanted.status === undefined ||
        (stepsTo(conflict.now.status, conflict.wanted.status)?.length ?? 0) > 0),
    settle(mine: boolean): void {
      setConflict(undefined);
      if (!mine || !conflict) return;
      const { status, ...patch } = conflict.wanted;
      if (status !== undefined) change([conflict.now], status);
      else edit(conflict.now, patch as Patch).catch((e) => toastProblem("Nothing was saved", e));
    },
    async remove(id: string): Promise<void> {
      const known = list.find(id) ?? opened;
      if (!known) return;
      try {
        const answer = await api.inquiries[":id"].$delete({
          param: { id },
          header: { "if-match": `"v${known.version}"` },
        });
        if (!answer.ok) await answerOf(answer as never);
        const putBack = takeAway(new Set([id]));
        refreshCounts();
        toast({
          text: "Moved to the bin",
          action: { label: "Undo", run: () => void restore(id).then(putBack) },
        });
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 412) await meet(known, {});
        else toastProblem("It was not deleted", error);
      }
    },
    async bringBack(id: string): Promise<void> {
      try {
        await restore(id);
        takeAway(new Set([id]));
        toast({ text: "Restored" });
      } catch (error) {
        toastProblem("It was not restored", error);
      }
    },
  };

  async function restore(id: string): Promise<void> {
    learn(await answerOf(api.inquiries[":id"].restore.$post({ param: { id }, header: {} })));
  }
}

export type Actions = ReturnType<typeof useActions>;
