#include "phone/phone_keep.h"

#include "base/wr.h"
#include "files/wholefile.h"
#include "phone/phone_config.h"

#include <stdlib.h>

static void
report(struct handset *h, const char *name, const struct err *e)
{
	if (e->code != ERR_UNKNOWN)
		console_line(&h->console, CONSOLE_ERR,
		    "FLASH: %s is damaged and counts as absent: %s", name, e->text);
}

void
phone_keep_name(
    const struct handset *h, const char *before, const char *after, char *out, size_t max)
{
	snprintf(out, max, "%s%s%s", before, h->options->device.name, after);
}

void
phone_keep_drop(struct phone_list *l)
{
	if (l->held)
		trustlist_free(&l->list);
	bytes_free(&l->file);
	*l = (struct phone_list){ 0 };
}

/* Takes file over. */
static bool
hold_list(struct phone_list *l, struct bytes file, struct err *e)
{
	struct trustlist list;

	if (!trustlist_parse(bytes_span(&file), &list, e)) {
		bytes_free(&file);
		return false;
	}
	phone_keep_drop(l);
	*l = (struct phone_list){ true, file, list };
	return true;
}

static void
load_list(struct handset *h, const char *name, struct phone_list *l)
{
	struct bytes file;
	struct err e;

	if (!flash_read(&h->flash, name, TRUSTLIST_PHONE_MAX, &file, &e) || !hold_list(l, file, &e))
		report(h, name, &e);
}

static bool
load_one_config(struct handset *h, const char *base)
{
	char name[FLASH_NAME_MAX];
	struct bytes xml = { 0 };
	struct err e;
	bool ok;

	snprintf(name, sizeof name, "%s.cnf.xml", base);
	ok = flash_read(&h->flash, name, PHONECFG_MAX, &xml, &e) &&
	     phonecfg_parse(bytes_span(&xml), &h->config, &e);
	if (!ok)
		report(h, name, &e);
	bytes_free(&xml);
	return ok;
}

static void
load_config(struct handset *h)
{
	h->has_config =
	    load_one_config(h, h->options->device.name) || load_one_config(h, PHONE_CONFIG_DEFAULT);
}

static struct privkey *
load_key(struct handset *h, const char *name, struct err *e)
{
	struct bytes pem = { 0 };
	struct privkey *key = NULL;

	if (flash_read(&h->flash, name, PHONE_KEEP_MAX, &pem, e))
		key = key_from_pem(bytes_span(&pem), e);
	bytes_wipe(&pem);
	return key;
}

/* A power cut may have come between the certificate and the last step of its key. */
static struct privkey *
load_fitting_key(struct handset *h, const struct cert *lsc, struct err *e)
{
	struct privkey *key = load_key(h, PHONE_KEY_FILE, e);

	if (key != NULL && key_fits(key, lsc))
		return key;
	key_free(key);
	key = load_key(h, PHONE_NEXT_KEY, e);
	if (key != NULL && key_fits(key, lsc) &&
	    flash_rename(&h->flash, PHONE_NEXT_KEY, PHONE_KEY_FILE, e))
		return key;
	key_free(key);
	err_set(e, ERR_CRYPTO, "there is no key that fits the certificate");
	return NULL;
}

static void
load_lsc(struct handset *h)
{
	struct bytes pem = { 0 };
	struct err e;

	if (flash_read(&h->flash, PHONE_LSC_FILE, PHONE_KEEP_MAX, &pem, &e))
		h->lsc = cert_from_pem(bytes_span(&pem), &e);
	bytes_free(&pem);
	if (h->lsc != NULL)
		h->lsc_key = load_fitting_key(h, h->lsc, &e);
	if (h->lsc_key != NULL)
		return;
	cert_free(h->lsc);
	h->lsc = NULL;
	report(h, PHONE_LSC_FILE, &e);
}

static void
load_mic(struct handset *h)
{
	struct bytes pem = { 0 };
	struct err e;

	if (flash_read(&h->flash, PHONE_MIC_FILE, PHONE_KEEP_MAX, &pem, &e))
		h->mic = cert_from_pem(bytes_span(&pem), &e);
	bytes_free(&pem);
	if (h->mic != NULL)
		h->mic_key = load_key(h, PHONE_MIC_KEY, &e);
	if (h->mic_key != NULL && key_fits(h->mic_key, h->mic))
		return;
	if (h->mic_key != NULL)
		err_set(&e, ERR_CRYPTO, "the key in %s does not fit", PHONE_MIC_KEY);
	cert_free(h->mic);
	key_free(h->mic_key);
	h->mic = NULL;
	h->mic_key = NULL;
	report(h, PHONE_MIC_FILE, &e);
}

static void
load_cache(struct handset *h)
{
	struct bytes text = { 0 };
	struct err e;

	if (!flash_read(&h->flash, PHONE_CACHE_FILE, PHONE_KEEP_MAX, &text, &e) ||
	    !trust_cache_parse(bytes_span(&text), &h->cache, &e))
		report(h, PHONE_CACHE_FILE, &e);
	bytes_free(&text);
}

static void
load_status(struct handset *h)
{
	struct bytes text = { 0 };
	struct span line;
	struct rd r;
	struct err e;

	if (!flash_read(&h->flash, PHONE_STATUS_FILE, PHONE_KEEP_MAX, &text, &e))
		report(h, PHONE_STATUS_FILE, &e);
	r = rd_open(bytes_span(&text));
	while (rd_until(&r, '\n', &line)) {
		char copy[CONSOLE_STATUS_MAX];

		snprintf(copy, sizeof copy, "%.*s", (int)line.n, (const char *)line.p);
		console_status_recall(&h->console, copy);
	}
	bytes_free(&text);
}

void
phone_keep_load(struct handset *h)
{
	load_list(h, PHONE_CTL_FILE, &h->ctl);
	load_list(h, PHONE_ITL_FILE, &h->itl);
	load_config(h);
	load_lsc(h);
	load_mic(h);
	load_cache(h);
	load_status(h);
}

bool
phone_keep_list(struct handset *h, enum trust_eval_kind kind, struct span file, struct err *e)
{
	const char *name = kind == TRUST_EVAL_CTL ? PHONE_CTL_FILE : PHONE_ITL_FILE;

	return flash_write(&h->flash, name, file, e) &&
	       hold_list(kind == TRUST_EVAL_CTL ? &h->ctl : &h->itl, bytes_copy(file), e);
}

bool
phone_keep_config(struct handset *h, const char *base, const struct phonecfg *config,
    struct span xml, struct err *e)
{
	char name[FLASH_NAME_MAX], own[FLASH_NAME_MAX];

	snprintf(name, sizeof name, "%s.cnf.xml", base);
	phone_keep_name(h, "", ".cnf.xml", own, sizeof own);
	if (!flash_write(&h->flash, name, xml, e) ||
	    (strcmp(name, own) != 0 && !flash_remove(&h->flash, own, NULL, e)))
		return false;
	h->config = *config;
	h->has_config = true;
	return true;
}

bool
phone_keep_read_config(struct handset *h, struct bytes *xml, struct err *e)
{
	char name[FLASH_NAME_MAX];

	phone_keep_name(h, "", ".cnf.xml", name, sizeof name);
	return flash_read(&h->flash, name, PHONECFG_MAX, xml, e) ||
	       (e->code == ERR_UNKNOWN &&
		   flash_read(&h->flash, PHONE_CONFIG_DEFAULT ".cnf.xml", PHONECFG_MAX, xml, e));
}

/* The key first: a certificate without it is of no use. */
static bool
write_pair(struct handset *h, const char *key_name, const struct privkey *key,
    const char *cert_name, const struct cert *cert, struct err *e)
{
	char *cert_pem = cert_to_pem(cert);
	struct bytes pem = { 0 };
	bool ok = key_to_pem(key, &pem, e) &&
		  flash_write(&h->flash, key_name, bytes_span(&pem), e) &&
		  flash_write(&h->flash, cert_name, span_str(cert_pem), e);

	bytes_wipe(&pem);
	free(cert_pem);
	return ok;
}

bool
phone_keep_lsc(struct handset *h, const struct cert *lsc, struct privkey *key, struct err *e)
{
	if (!write_pair(h, PHONE_NEXT_KEY, key, PHONE_LSC_FILE, lsc, e) ||
	    !flash_rename(&h->flash, PHONE_NEXT_KEY, PHONE_KEY_FILE, e) ||
	    !flash_remove(&h->flash, PHONE_CSR_KEY, NULL, e))
		return false;
	cert_free(h->lsc);
	key_free(h->lsc_key);
	h->lsc = cert_ref(lsc);
	h->lsc_key = key;
	return true;
}

bool
phone_keep_asked_key(struct handset *h, const struct privkey *key, struct err *e)
{
	struct bytes pem = { 0 };
	bool ok =
	    key_to_pem(key, &pem, e) && flash_write(&h->flash, PHONE_CSR_KEY, bytes_span(&pem), e);

	bytes_wipe(&pem);
	return ok;
}

struct privkey *
phone_keep_read_asked_key(struct handset *h)
{
	struct err e;
	struct privkey *key = load_key(h, PHONE_CSR_KEY, &e);

	if (key == NULL && e.code != ERR_UNKNOWN)
		report(h, PHONE_CSR_KEY, &e);
	return key;
}

static bool
write_mic(struct handset *h, const struct cert *mic, const struct privkey *key, struct err *e)
{
	if (!key_fits(key, mic))
		return err_set(e, ERR_CRYPTO, "the key does not fit the certificate");
	return write_pair(h, PHONE_MIC_KEY, key, PHONE_MIC_FILE, mic, e);
}

bool
phone_keep_mic(struct handset *h, const char *path, struct err *e)
{
	struct cert *mic = NULL;
	struct privkey *key = NULL;
	struct bytes pem = { 0 };
	bool ok;

	if (!wholefile_read(path, PHONE_KEEP_MAX, &pem, e))
		return false;
	ok = (mic = cert_from_pem(bytes_span(&pem), e)) != NULL &&
	     (key = key_from_pem(bytes_span(&pem), e)) != NULL && write_mic(h, mic, key, e);
	bytes_wipe(&pem);
	if (!ok) {
		cert_free(mic);
		key_free(key);
		return err_in(e, "MIC %s", path);
	}
	cert_free(h->mic);
	key_free(h->mic_key);
	h->mic = mic;
	h->mic_key = key;
	return true;
}

bool
phone_keep_no_lsc(struct handset *h, bool *was, struct err *e)
{
	cert_free(h->lsc);
	key_free(h->lsc_key);
	h->lsc = NULL;
	h->lsc_key = NULL;
	return flash_remove(&h->flash, PHONE_LSC_FILE, was, e) &&
	       flash_remove(&h->flash, PHONE_KEY_FILE, NULL, e) &&
	       flash_remove(&h->flash, PHONE_NEXT_KEY, NULL, e) &&
	       flash_remove(&h->flash, PHONE_CSR_KEY, NULL, e);
}

void
phone_keep_rest(struct handset *h)
{
	struct wr w = wr_new(PHONE_KEEP_MAX);
	struct bytes cache = { 0 };
	struct err e = { 0 };
	bool ok;

	for (size_t i = 0; i < h->console.status_count; i++) {
		wr_text(&w, h->console.status[i]);
		wr_u8(&w, '\n');
	}
	ok = wr_ok(&w) && flash_write(&h->flash, PHONE_STATUS_FILE, wr_view(&w), &e) &&
	     trust_cache_encode(&h->cache, h->io->now(h->io->arg), &cache, &e) &&
	     flash_write(&h->flash, PHONE_CACHE_FILE, bytes_span(&cache), &e);
	if (!ok)
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
	wr_free(&w);
	bytes_free(&cache);
}
