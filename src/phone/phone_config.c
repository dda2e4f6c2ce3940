#include "phone/phone_config.h"

#include "base/text.h"
#include "phone/phone_keep.h"
#include "phone/phone_tvs.h"
#include "phone/say.h"
#include "pki/digest.h"
#include "rules/signedfile.h"

#include <stdlib.h>
#include <strings.h>

#define PLAIN     ".cnf.xml"
#define SIGNED    ".cnf.xml.sgn"
#define ENCRYPTED ".cnf.xml.enc.sgn"

#define HEADER_ROOM 65536 /* of a signed file, beyond its payload */

enum fetched {
	FETCHED,
	MISSING, /* the server has no such file */
	FAILED,  /* it came and was refused, or did not come; the console has said why */
};

static enum fetched
refused(struct handset *h, const char *name, const struct trust_eval_verdict *v)
{
	say_refused(&h->console, name, v);
	console_status(&h->console, "%s: verification of the trust list failed", name);
	return FAILED;
}

static enum fetched
get(struct handset *h, const char *name, struct bytes *out)
{
	struct err e;

	say_file_request(&h->console, name, h->options->server, PHONECFG_MAX);
	if (phone_get(h, name, PHONECFG_MAX + HEADER_ROOM, out, &e))
		return FETCHED;
	if (e.code == ERR_UNKNOWN) {
		console_line(&h->console, CONSOLE_NOT, "TFTP: %s: File Not Found", name);
		return MISSING;
	}
	console_status(&h->console, "TFTP Error: %s", name);
	return FAILED;
}

/* VERIFY_FILE of a file that was fetched. */
static bool
verify(struct handset *h, const char *name, struct span file)
{
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;
	struct envelope env;

	trust_eval_file(&st, file, &v);
	phone_tvs_settle(h, file, &v);
	say_verdict(&h->console, name, &v);
	if (!trust_eval_is_accepted(v.outcome)) {
		(void)refused(h, name, &v);
		return false;
	}
	say_file_verified(&h->console, name);
	if (envelope_parse(file, &env, NULL, NULL))
		say_file_name(&h->console, &env, name);
	return true;
}

static bool
damaged(struct handset *h, const char *name, const struct err *e)
{
	console_line(&h->console, CONSOLE_ERR, "%s: %s", name, e->text);
	console_status(&h->console, "%s: unusable", name);
	return false;
}

static enum fetched
fetch_signed(struct handset *h, struct bytes *xml)
{
	char name[FLASH_NAME_MAX];
	struct bytes file = { 0 };
	struct sgn sgn;
	enum fetched got;

	phone_keep_name(h, "", SIGNED, name, sizeof name);
	say_secure_server(&h->console, h->options->server, name);
	got = get(h, name, &file);
	if (got != FETCHED)
		return got;
	if (!verify(h, name, bytes_span(&file)) || !sgn_parse(bytes_span(&file), &sgn, NULL))
		got = FAILED;
	else
		*xml = bytes_copy(sgn.payload);
	bytes_free(&file);
	return got;
}

static enum fetched
fetch_plain(struct handset *h, struct bytes *xml)
{
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;
	char name[FLASH_NAME_MAX];
	enum fetched got;

	phone_keep_name(h, "", PLAIN, name, sizeof name);
	got = get(h, name, xml);
	if (got != FETCHED)
		return got;
	trust_eval_plain(&st, &v);
	if (trust_eval_is_accepted(v.outcome))
		return FETCHED;
	bytes_free(xml);
	return refused(h, name, &v);
}

/* The signed form when a list asks for it; else the plain one, and with an empty ITL either. */
static enum fetched
fetch_first(struct handset *h, struct bytes *xml, const char **form)
{
	struct trust_eval_state st = phone_trust(h);
	enum fetched got;

	*form = SIGNED;
	if (trust_eval_wants_signed(&st))
		return fetch_signed(h, xml);
	*form = PLAIN;
	got = fetch_plain(h, xml);
	if (got != MISSING || !h->itl.held)
		return got;
	*form = SIGNED;
	return fetch_signed(h, xml);
}

/* The configuration is encrypted for the key of this phone's LSC (files.md 4: MD5 of its DER). */
static bool
is_for_us(const struct handset *h, const struct phonecfg *companion)
{
	struct digest d;
	char *hex;
	bool same;

	if (h->lsc == NULL || !digest_of(DIGEST_MD5, cert_der(h->lsc), &d, NULL))
		return false;
	hex = text_hex(digest_span(&d));
	same = strcasecmp(hex, companion->cert_hash) == 0;
	free(hex);
	return same;
}

static bool
decrypt(struct handset *h, struct span file, struct bytes *xml, struct err *e)
{
	struct encfile enc;

	return encfile_parse(file, &enc, e) && signedfile_decrypt(&enc, h->lsc_key, xml, e);
}

static enum fetched
fetch_encrypted(struct handset *h, struct bytes *xml)
{
	char name[FLASH_NAME_MAX];
	struct bytes file = { 0 };
	struct err e = { 0 };
	enum fetched got;

	phone_keep_name(h, "", ENCRYPTED, name, sizeof name);
	got = get(h, name, &file);
	if (got != FETCHED)
		return got;
	if (!verify(h, name, bytes_span(&file)))
		got = FAILED;
	else if (!decrypt(h, bytes_span(&file), xml, &e)) {
		console_line(&h->console, CONSOLE_ERR, "CAPF_REASON_DECRYPT_FILE_FAILED");
		damaged(h, name, &e);
		got = FAILED;
	}
	bytes_free(&file);
	return got;
}

static bool
apply(struct handset *h, const struct phonecfg *config, const struct bytes *xml, const char *form)
{
	struct err e;

	if (!phone_keep_config(h, config, bytes_span(xml), &e)) {
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
		return false;
	}
	console_status(&h->console, "%s%s(TFTP)", h->options->device.name, form);
	return true;
}

/* Behind a companion stands the whole, encrypted; without a key for it the companion is all there
 * is, and CAPF may mend that. */
static bool
complete(struct handset *h, struct phonecfg *config, struct bytes *xml, const char **form)
{
	struct bytes whole = { 0 };
	struct phonecfg read;
	struct err e;

	if (config->full_config || !config->encrypted)
		return true;
	if (!is_for_us(h, config)) {
		console_line(&h->console, CONSOLE_WRN,
		    "CAPF_REASON_PUBKEY_MISMATCH: the configuration is encrypted for another key");
		return true;
	}
	switch (fetch_encrypted(h, &whole)) {
	case MISSING:
		return true;
	case FAILED:
		return false;
	case FETCHED:
		break;
	}
	if (!phonecfg_parse(bytes_span(&whole), &read, &e)) {
		bytes_wipe(&whole);
		return damaged(h, "encrypted configuration", &e);
	}
	bytes_wipe(xml);
	*xml = whole;
	*config = read;
	*form = ENCRYPTED;
	return true;
}

bool
phone_config_fetch(struct handset *h, struct phonecfg *out)
{
	struct bytes xml = { 0 };
	char plain[FLASH_NAME_MAX];
	const char *form;
	struct err e;
	bool ok = false;

	phone_keep_name(h, "", PLAIN, plain, sizeof plain);
	say_config(&h->console, plain, PHONECFG_MAX);
	switch (fetch_first(h, &xml, &form)) {
	case FAILED:
		return false;
	case MISSING:
		console_status(&h->console, "File Not Found <%s%s>", h->options->device.name, form);
		return false;
	case FETCHED:
		break;
	}
	if (!phonecfg_parse(bytes_span(&xml), out, &e))
		damaged(h, form, &e);
	else
		ok = complete(h, out, &xml, &form) && apply(h, out, &xml, form);
	bytes_wipe(&xml);
	return ok;
}
