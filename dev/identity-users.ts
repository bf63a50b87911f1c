/** Roles of section "who may do what"; the same names stand in the `roles` claim. */
export type Role = "OWNER" | "EMPLOYEE" | "CASHIER";

/** A role, or `VISITOR`: somebody who may sign in and then may do nothing. */
export type Who = Role | "VISITOR";

export interface User {
  /** The `sub` claim. */
  id: string;
  who: Who;
  name: string;
  email: string;
  /** The `roles` claim; empty for the visitor. */
  roles: readonly Role[];
  /** One line for the sign-in page. */
  about: string;
}

export const users: readonly User[] = [
  {
    id: "olivia",
    who: "OWNER",
    name: "Olivia Owner",
    email: "olivia@example.test",
    roles: ["OWNER"],
    about: "Owner: everything",
  },
  {
    id: "emil",
    who: "EMPLOYEE",
    name: "Emil Employee",
    email: "emil@example.test",
    roles: ["EMPLOYEE"],
    about: "Employee: inquiries and subscribers",
  },
  {
    id: "clara",
    who: "CASHIER",
    name: "Clara Cashier",
    email: "clara@example.test",
    roles: ["CASHIER"],
    about: "Cashier: inquiries, without contact details",
  },
  {
    id: "vera",
    who: "VISITOR",
    name: "Vera Visitor",
    email: "vera@example.test",
    roles: [],
    about: "No role: signs in, may do nothing",
  },
];

/** Finds a user by role name (any case) or by id; undefined when there is none. */
export function findUser(nameOrId: string): User | undefined {
  return users.find((user) => user.who === nameOrId.toUpperCase() || user.id === nameOrId);
}
