#include "phone/phone_config.h"

#include "base/text.h"
#include "phone/phone_get.h"
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

/* A configuration on its way. */
struct coming {
	char base[FLASH_NAME_MAX]; /* the device, or XMLDefault */
	const char *form;          /* PLAIN ... */
	enum phone_via via;
	struct bytes xml;
};

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
		console_line(&h->console, CONSOLE_NOT, "%s: File Not Found", name);
		return MISSING;
	}
	console_status(&h->console, "TFTP Error: %s", name);
	return FAILED;
}

bool
phone_config_verify(struct handset *h, const char *name, struct span file)
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

static void
name_of(const struct coming *c, const char *form, char out[FLASH_NAME_MAX])
{
	snprintf(out, FLASH_NAME_MAX, "%.40s%s", c->base, form);
}

/* Over HTTPS the signed form's name is asked for, and what comes is the XML (files.md 3). */
static bool
fetch_https(struct handset *h, const char *name, struct coming *c)
{
	struct err e;

	say_file_request(&h->console, name, h->options->server, PHONECFG_MAX);
	if (phone_get_https(h, name, PHONECFG_MAX, &c->xml, &e)) {
		say_file_verified(&h->console, name);
		return true;
	}
	console_line(&h->console, CONSOLE_WRN, "HTTPS: falling back to HTTP");
	return false;
}

static enum fetched
fetch_signed(struct handset *h, struct coming *c)
{
	char name[FLASH_NAME_MAX];
	struct bytes file = { 0 };
	struct sgn sgn;
	enum fetched got;

	c->form = SIGNED;
	name_of(c, SIGNED, name);
	say_secure_server(&h->console, h->options->server, name);
	if (phone_get_wants_https(h) && fetch_https(h, name, c))
		return FETCHED;
	got = get(h, name, &file);
	if (got != FETCHED)
		return got;
	if (!phone_config_verify(h, name, bytes_span(&file)) ||
	    !sgn_parse(bytes_span(&file), &sgn, NULL))
		got = FAILED;
	else
		c->xml = bytes_copy(sgn.payload);
	bytes_free(&file);
	return got;
}

static enum fetched
fetch_plain(struct handset *h, struct coming *c)
{
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;
	char name[FLASH_NAME_MAX];
	enum fetched got;

	c->form = PLAIN;
	name_of(c, PLAIN, name);
	got = get(h, name, &c->xml);
	if (got != FETCHED)
		return got;
	trust_eval_plain(&st, &v);
	if (trust_eval_is_accepted(v.outcome))
		return FETCHED;
	bytes_free(&c->xml);
	return refused(h, name, &v);
}

/* The signed form when a list asks for it; else the plain one, and with an empty ITL either. */
static enum fetched
fetch_first(struct handset *h, struct coming *c)
{
	struct trust_eval_state st = phone_trust(h);
	enum fetched got;

	if (trust_eval_wants_signed(&st))
		return fetch_signed(h, c);
	got = fetch_plain(h, c);
	return got == MISSING && h->itl.held ? fetch_signed(h, c) : got;
}

/* Its own, or that of phones without one. */
static enum fetched
fetch_any(struct handset *h, struct coming *c)
{
	enum fetched got;

	snprintf(c->base, sizeof c->base, "%s", h->options->device.name);
	got = fetch_first(h, c);
	if (got != MISSING)
		return got;
	console_status(&h->console, "File Not Found <%s%s>", c->base, c->form);
	snprintf(c->base, sizeof c->base, "%s", PHONE_CONFIG_DEFAULT);
	return fetch_first(h, c);
}

/* The companion names a certificate by the MD5 of its DER (files.md 4). */
static bool
is_named(const struct cert *c, const char *cert_hash)
{
	struct digest d;
	char *hex;
	bool same;

	if (c == NULL || !digest_of(DIGEST_MD5, cert_der(c), &d, NULL))
		return false;
	hex = text_hex(digest_span(&d));
	same = strcasecmp(hex, cert_hash) == 0;
	free(hex);
	return same;
}

/* The key that the whole is encrypted for: that of the LSC, else of the MIC; NULL: neither. */
static const struct privkey *
key_for(struct handset *h, const struct phonecfg *companion)
{
	if (is_named(h->lsc, companion->cert_hash)) {
		console_sec(&h->console, CONSOLE_INF, "configuration is encrypted for the LSC");
		return h->lsc_key;
	}
	if (is_named(h->mic, companion->cert_hash)) {
		console_sec(&h->console, CONSOLE_INF, "configuration is encrypted for the MIC");
		return h->mic_key;
	}
	console_line(&h->console, CONSOLE_WRN,
	    "CAPF_REASON_PUBKEY_MISMATCH: the configuration is encrypted for another key");
	return NULL;
}

static bool
decrypt(struct span file, const struct privkey *key, struct bytes *xml, struct err *e)
{
	struct encfile enc;

	return encfile_parse(file, &enc, e) && signedfile_decrypt(&enc, key, xml, e);
}

/* What is encrypted, in place of its companion. */
static enum phone_config_end
open_whole(struct handset *h, struct span file, const struct privkey *key, struct coming *c,
    struct phonecfg *out)
{
	struct bytes whole = { 0 };
	struct phonecfg read;
	struct err e;

	if (!decrypt(file, key, &whole, &e)) {
		console_line(&h->console, CONSOLE_ERR, "CAPF_REASON_DECRYPT_FILE_FAILED");
		damaged(h, ENCRYPTED, &e);
		return PHONE_CONFIG_NOT_OPENED;
	}
	if (!phonecfg_parse(bytes_span(&whole), &read, &e)) {
		bytes_wipe(&whole);
		damaged(h, ENCRYPTED, &e);
		return PHONE_CONFIG_NONE;
	}
	bytes_wipe(&c->xml);
	c->xml = whole;
	c->form = ENCRYPTED;
	c->via = h->via;
	*out = read;
	return PHONE_CONFIG_HELD;
}

/* Behind a companion stands the whole, encrypted. Where there is none, the companion is all there
 * is (files.md 8). */
static enum phone_config_end
complete(struct handset *h, struct coming *c, struct phonecfg *out)
{
	char name[FLASH_NAME_MAX];
	const struct privkey *key;
	struct bytes file = { 0 };
	enum phone_config_end end = PHONE_CONFIG_NONE;

	if (out->full_config || !out->encrypted)
		return PHONE_CONFIG_HELD;
	key = key_for(h, out);
	if (key == NULL)
		return PHONE_CONFIG_NOT_FOR_US;
	name_of(c, ENCRYPTED, name);
	switch (get(h, name, &file)) {
	case MISSING:
		end = PHONE_CONFIG_HELD;
		break;
	case FAILED:
		break;
	case FETCHED:
		if (phone_config_verify(h, name, bytes_span(&file)))
			end = open_whole(h, bytes_span(&file), key, c, out);
		break;
	}
	bytes_free(&file);
	return end;
}

static enum phone_config_end
apply(struct handset *h, const struct coming *c, const struct phonecfg *config)
{
	struct err e;

	if (!phone_keep_config(h, c->base, config, bytes_span(&c->xml), &e)) {
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
		return PHONE_CONFIG_NONE;
	}
	h->config_form = c->form;
	h->config_via = c->via;
	console_status(&h->console, "%s%s(%s)", c->base, c->form, phone_via_name(c->via));
	return PHONE_CONFIG_HELD;
}

static enum phone_config_end
take(struct handset *h, struct coming *c, struct phonecfg *out)
{
	enum phone_config_end end;
	struct err e;

	c->via = h->via;
	if (!phonecfg_parse(bytes_span(&c->xml), out, &e)) {
		damaged(h, c->form, &e);
		return PHONE_CONFIG_NONE;
	}
	end = complete(h, c, out);
	return end == PHONE_CONFIG_HELD ? apply(h, c, out) : end;
}

enum phone_config_end
phone_config_fetch(struct handset *h, struct phonecfg *out)
{
	struct coming c = { .form = PLAIN };
	enum phone_config_end end = PHONE_CONFIG_NONE;
	char plain[FLASH_NAME_MAX];

	phone_keep_name(h, "", PLAIN, plain, sizeof plain);
	say_config(&h->console, plain, PHONECFG_MAX);
	switch (fetch_any(h, &c)) {
	case FAILED:
		break;
	case MISSING:
		console_status(&h->console, "File Not Found <%s%s>", c.base, c.form);
		break;
	case FETCHED:
		end = take(h, &c, out);
		break;
	}
	bytes_wipe(&c.xml);
	return end;
}
