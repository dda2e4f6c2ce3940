#include "rules/provision.h"

#include "base/text.h"
#include "pki/digest.h"

#include <stdio.h>
#include <stdlib.h>

#define HELP "install an LSC with an RSA key, or give the MIC (phone set NAME --mic FILE)"

const char *
provision_form_name(enum provision_form f)
{
	static const char *const names[] = {
		[PROVISION_ABSENT] = "absent",
		[PROVISION_PLAIN] = "plain",
		[PROVISION_SIGNED] = "signed",
		[PROVISION_STUB] = "stub",
		[PROVISION_STUB_SIGNED] = "stub-signed",
		[PROVISION_ENCRYPTED] = "encrypted",
	};

	return f < sizeof names / sizeof names[0] ? names[f] : "unknown";
}

/* Configurations are encrypted for RSA keys only: doc/protocols/files.md 4, captured. */
static bool
is_usable(const struct cert *c)
{
	return c != NULL && cert_is_rsa(c);
}

static const char *
lsc_fault(const struct provision_facts *f)
{
	if (f->lsc == NULL)
		return "no LSC is confirmed";
	return f->lsc_going ? "the LSC is to be deleted" : "the LSC has an EC key";
}

const struct cert *
provision_recipient(const struct provision_facts *f, char reason[ERR_TEXT_MAX])
{
	reason[0] = '\0';
	if (!model_takes_encrypted_config(f->model)) {
		snprintf(reason, ERR_TEXT_MAX,
		    "model %s takes no encrypted configuration; give the phone a profile without",
		    f->model->name);
		return NULL;
	}
	if (is_usable(f->lsc) && !f->lsc_going)
		return f->lsc;
	if (is_usable(f->mic))
		return f->mic;
	snprintf(reason, ERR_TEXT_MAX,
	    "%s and %s, and a configuration is encrypted for RSA keys only; " HELP, lsc_fault(f),
	    f->mic == NULL ? "no MIC is known" : "the MIC has an EC key");
	return NULL;
}

enum provision_form
provision_form(const struct provision_facts *f, const struct fname *name, bool https)
{
	char reason[ERR_TEXT_MAX];

	if (name->is_encrypted)
		return f->wants_encryption && provision_recipient(f, reason) != NULL
			   ? PROVISION_ENCRYPTED
			   : PROVISION_ABSENT;
	if (!name->is_signed)
		return f->wants_encryption ? PROVISION_ABSENT : PROVISION_PLAIN;
	if (f->wants_encryption)
		return https ? PROVISION_STUB : PROVISION_STUB_SIGNED;
	return https ? PROVISION_PLAIN : PROVISION_SIGNED;
}

void
provision_cert_hash(const struct cert *c, char out[PROVISION_HASH_MAX])
{
	struct digest d;
	char *hex;

	out[0] = '\0';
	/* Without MD5 (FIPS) the phone sees a hash that is not its own, and asks CAPF. */
	if (!digest_of(DIGEST_MD5, cert_der(c), &d, NULL))
		return;
	hex = text_hex(digest_span(&d));
	snprintf(out, PROVISION_HASH_MAX, "%s", hex);
	free(hex);
}
