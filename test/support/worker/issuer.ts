import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";

export const AUDIENCE = "urn:outreach:desk";

/** An identity provider whose private key the tests hold; nothing listens at its addresses. */
export async function anIssuer() {
  const kid = crypto.randomUUID();
  const issuer = `https://${kid}.identity.test`;
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
  const jwks: JSONWebKeySet = { keys: [publicJwk] };
  const jwksUrl = `${issuer}/jwks`;
  return {
    issuer,
    jwksUrl,
    jwks,
    kid,
    publicKey,
    publicJwk,
    privateKey,
    /** Makes the Worker trust this provider. */
    variables: {
      IDENTITY_ISSUER: issuer,
      IDENTITY_JWKS_URL: jwksUrl,
      IDENTITY_AUDIENCE: AUDIENCE,
    },
    /** A token that is good for five minutes. @param claims instead of the usual ones */
    token(
      claims: Readonly<Record<string, unknown>> = {},
      header: { alg?: string; kid?: string } = {},
      key?: SigningKey,
    ) {
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer, aud: AUDIENCE, sub: "olivia", roles: ["OWNER"] };
      return new SignJWT({ ...usual, iat: now, nbf: now, exp: now + 300, ...claims })
        .setProtectedHeader({ alg: "ES256", kid, ...header })
        .sign(key ?? privateKey);
    },
  };
}

type SigningKey = Parameters<SignJWT["sign"]>[0];
