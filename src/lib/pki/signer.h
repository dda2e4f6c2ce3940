/*
 * signer: whoever holds private keys.
 *
 * An interface: a function table inside, filled by io/keys (key files now; PKCS#11 and "ask the
 * keeper" are further back ends). A key is named by the hash of its public half, cert_key_id.
 * No call returns a private key. It signs things, not digests: each call is handed the whole
 * thing, parses it, and refuses what is not one or what the key's purpose does not allow
 * (rules/usage.h).
 *
 * Calls answer at once in the key-file back end; callers must treat ERR_AGAIN (deadline of a
 * keeper or token) as "not now".
 */
#ifndef PKI_SIGNER_H
#define PKI_SIGNER_H

#include "base/bytes.h"
#include "base/certid.h"
#include "base/err.h"
#include "base/purpose.h"

#include <time.h>

struct signer; /* struct signer_ops const *ops first; see below */

#define SIGNER_KEY_ID 32

/* What a new key's self-signed certificate shall say. */
struct signer_template {
	enum purpose purpose;
	const char *common_name; /* other subject attributes follow; NULL ones are left out */
	const char *org_unit, *org, *locality, *state, *country;
	const char *const *dns_names; /* subjectAltName, NULL-terminated; may be NULL */
	const char *const *ip_names;  /* textual addresses, NULL-terminated; may be NULL */
	time_t not_before, not_after;
	unsigned rsa_bits; /* for RSA purposes */
};

#define SIGNER_URL_MAX 255

enum signer_lsc_usages {
	SIGNER_LSC_USAGES_CUCM, /* serverAuth, clientAuth, ipsecEndSystem: as Unified CM has them */
	SIGNER_LSC_USAGES_CLIENT, /* clientAuth alone: registration, 802.1X, VPN */
};

/* An LSC to be issued (doc/protocols/capf.md, section "the issued certificate"). */
struct signer_lsc {
	const char *device; /* becomes CN and the URI in subjectAltName */
	struct span spki;   /* SubjectPublicKeyInfo DER; checked: decodes, allowed kind and size */
	struct span serial; /* magnitude, see issue_serial_make; empty: a random one */
	time_t not_before, not_after;
	/* Of the subject; NULL: as the issuer has it. */
	const char *org_unit, *org, *locality, *state, *country;
	enum signer_lsc_usages usages; /* extendedKeyUsage */
	const char *crl_url;           /* cRLDistributionPoints; NULL: none */
	const char *ocsp_url;          /* authorityInfoAccess; NULL: none */
};

struct signer_revoked {
	struct span serial; /* magnitude */
	time_t at;
	unsigned reason; /* CRLReason of RFC 5280 */
};

/* A revocation list to be made. */
struct signer_crl {
	uint64_t number;
	time_t this_update, next_update;
	const struct signer_revoked *revoked;
	size_t count;
};

enum signer_cert_state { SIGNER_CERT_GOOD, SIGNER_CERT_REVOKED, SIGNER_CERT_UNKNOWN };

struct signer_cert_status {
	struct certid id;
	enum signer_cert_state state;
	time_t at; /* revoked: since when, and why, as above */
	unsigned reason;
};

/* An answer about certificates to be made. */
struct signer_ocsp {
	time_t this_update, next_update;
	struct span nonce; /* empty: none */
	const struct signer_cert_status *status;
	size_t count;
};

struct signer_ops {
	/* Makes a key of the purpose's kind and keeps it; gives its self-signed certificate. */
	bool (*make)(struct signer *s, const struct signer_template *t, struct bytes *cert_der,
	    struct err *e);
	/* Keeps a key that another cluster made (its PEM), with its certificate. */
	bool (*keep)(struct signer *s, enum purpose purpose, struct span key_pem,
	    struct span cert_der, struct err *e);
	/* file: a whole trust list with room for the signature. Gives the signed file. */
	bool (*sign_list)(struct signer *s, struct span key_id, struct span file, struct bytes *out,
	    struct err *e);
	/* file: a whole .sgn or .enc.sgn with room for the signature. Gives the signed file. */
	bool (*sign_file)(struct signer *s, struct span key_id, struct span file, struct bytes *out,
	    struct err *e);
	/* Issues an LSC under the CAPF certificate issuer_der, whose key is key_id. */
	bool (*issue)(struct signer *s, struct span key_id, struct span issuer_der,
	    const struct signer_lsc *lsc, struct bytes *cert_der, struct err *e);
	/* A revocation list of the issuer issuer_der, whose key is key_id (pki/crl.h). */
	bool (*crl)(struct signer *s, struct span key_id, struct span issuer_der,
	    const struct signer_crl *crl, struct bytes *der, struct err *e);
	/* An answer about certificates of that issuer (pki/ocsp.h). */
	bool (*ocsp)(struct signer *s, struct span key_id, struct span issuer_der,
	    const struct signer_ocsp *what, struct bytes *der, struct err *e);
	/* A request, in PEM, for key key_id with what the certificate like_der says (pki/csr.h). */
	bool (*csr)(struct signer *s, struct span key_id, struct span like_der, struct bytes *pem,
	    struct err *e);
	/* Whether the key is there and usable. */
	bool (*has)(struct signer *s, struct span key_id, struct err *e);
	/* Forgets a key for good. */
	bool (*remove)(struct signer *s, struct span key_id, struct err *e);
	void (*close)(struct signer *s);
};

struct signer {
	const struct signer_ops *ops;
};

/* The same calls by name. Bytes handed out belong to the caller. */
must_use bool signer_make(
    struct signer *s, const struct signer_template *t, struct bytes *cert_der, struct err *e);
/* The certificate is for the key, which is RSA of 512, 1024, 2048 or 4096 bits, as headers of lists
 * can say. Errors: ERR_REFUSED, ERR_CRYPTO (no key), ERR_CONFLICT (it is there already). */
must_use bool signer_keep(struct signer *s, enum purpose purpose, struct span key_pem,
    struct span cert_der, struct err *e);
must_use bool signer_sign_list(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e);
must_use bool signer_sign_file(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e);
must_use bool signer_issue(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_lsc *lsc, struct bytes *cert_der, struct err *e);
must_use bool signer_crl(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_crl *crl, struct bytes *der, struct err *e);
must_use bool signer_ocsp(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_ocsp *what, struct bytes *der, struct err *e);
must_use bool signer_csr(
    struct signer *s, struct span key_id, struct span like_der, struct bytes *pem, struct err *e);
must_use bool signer_has(struct signer *s, struct span key_id, struct err *e);
must_use bool signer_remove(struct signer *s, struct span key_id, struct err *e);

/* Safe with NULL. */
void signer_close(struct signer *s);

#endif
