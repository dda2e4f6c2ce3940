#include "phone/phone.h"

#include "phone/phone_capf.h"
#include "phone/phone_config.h"
#include "phone/phone_files.h"
#include "phone/phone_get.h"
#include "phone/phone_keep.h"
#include "phone/phone_tvs.h"
#include "phone/say.h"

#define FIRST_TVS_SESSION 1001 /* tvs.md 6, captured */

bool
phone_open(struct handset *h, const struct phone_options *options, const struct phone_io *io,
    const char *folder, FILE *out, struct err *e)
{
	*h = (struct handset){ .options = options,
		.io = io,
		.flash = { -1 },
		.console = { .out = out, .style = console_style_of(options->model) },
		.tvs_session = FIRST_TVS_SESSION };
	if (!flash_open(&h->flash, folder, e))
		return false;
	phone_keep_load(h);
	return true;
}

void
phone_close(struct handset *h)
{
	phone_keep_drop(&h->ctl);
	phone_keep_drop(&h->itl);
	trust_cache_flush(&h->cache);
	cert_free(h->lsc);
	key_free(h->lsc_key);
	cert_free(h->mic);
	key_free(h->mic_key);
	flash_close(&h->flash);
	*h = (struct handset){ .flash = { -1 } };
}

struct trust_eval_state
phone_trust(const struct handset *h)
{
	return (struct trust_eval_state){ .ctl = h->ctl.held ? &h->ctl.list : NULL,
		.itl = h->itl.held ? &h->itl.list : NULL,
		.tvs_servers = h->has_config ? h->config.tvs_count : 0,
		.cache = &h->cache,
		.now = h->io->now(h->io->arg) };
}

void
phone_presented_name(const struct handset *h, char *out, size_t max)
{
	snprintf(out, max, "CP-%s-%s", h->options->model, h->options->device.name);
}

const struct cert *
phone_identity(const struct handset *h, const struct privkey **key)
{
	*key = h->lsc != NULL ? h->lsc_key : h->mic_key;
	return h->lsc != NULL ? h->lsc : h->mic;
}

static bool
get_one_list(struct handset *h, const char *name, const char *to, struct bytes *out, struct err *e)
{
	say_list_request(&h->console, name, to, h->options->server);
	return phone_get(h, name, TRUSTLIST_FILE_MAX, out, e);
}

/* The phone's own list, else that of everybody. An empty file stands for none (files.md 8). */
static bool
get_list(struct handset *h, const char *prefix, const char *common, struct bytes *out)
{
	char own[FLASH_NAME_MAX];
	struct err e = { 0 };

	phone_keep_name(h, prefix, ".tlv", own, sizeof own);
	if (!get_one_list(h, own, common, out, &e) &&
	    (e.code != ERR_UNKNOWN || !get_one_list(h, common, common, out, &e))) {
		if (e.code == ERR_UNKNOWN)
			console_status(&h->console, "File Not Found <%s>", common);
		return false;
	}
	if (out->n > 0)
		return true;
	console_line(&h->console, CONSOLE_WRN, "%s: %s is empty and counts as absent",
	    phone_via_name(h->via), common);
	bytes_free(out);
	return false;
}

static bool
take_list(struct handset *h, enum trust_eval_kind kind, struct span file)
{
	const struct phone_list *l = kind == TRUST_EVAL_CTL ? &h->ctl : &h->itl;
	bool same = l->held && span_eq(bytes_span(&l->file), file);
	struct err e;

	if (!same && !phone_keep_list(h, kind, file, &e)) {
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
		return false;
	}
	say_file_name(
	    &h->console, &l->list.env, kind == TRUST_EVAL_CTL ? PHONE_CTL_FILE : PHONE_ITL_FILE);
	say_list_taken(&h->console, l->list.env.header_length);
	if (same)
		return true;
	console_status(&h->console, "Trust List Updated");
	if (kind == TRUST_EVAL_CTL) {
		trust_cache_flush(&h->cache);
		say_cache_flushed(&h->console);
	}
	return true;
}

/* VERIFY_LIST. False when a list came and was refused. */
static bool
boot_list(struct handset *h, enum trust_eval_kind kind)
{
	const char *common = kind == TRUST_EVAL_CTL ? PHONE_CTL_FILE : PHONE_ITL_FILE;
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;
	struct bytes file = { 0 };
	bool ok;

	if (!get_list(h, kind == TRUST_EVAL_CTL ? "CTL" : "ITL", common, &file))
		return true;
	trust_eval_list(&st, kind, bytes_span(&file), &v);
	phone_tvs_settle(h, bytes_span(&file), &v);
	say_verdict(&h->console, common, &v);
	if (trust_eval_is_accepted(v.outcome))
		ok = take_list(h, kind, bytes_span(&file));
	else {
		say_refused(&h->console, common, &v);
		console_status(&h->console, "Trust List Update Failed");
		ok = false;
	}
	bytes_free(&file);
	return ok;
}

/* What TVS said is forgotten by a reset. */
static void
forget_answers(struct handset *h)
{
	struct err e;

	trust_cache_flush(&h->cache);
	if (!flash_remove(&h->flash, PHONE_CACHE_FILE, NULL, &e))
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
}

/* A phone that has no key for what it is given calls CAPF, which may give it one or take one away,
 * and asks again once (files.md 4). */
static bool
configure(struct handset *h)
{
	static const enum say_capf_reason reasons[] = {
		[PHONE_CONFIG_HELD] = SAY_CAPF_AUTO,
		[PHONE_CONFIG_NOT_FOR_US] = SAY_CAPF_PUBKEY_MISMATCH,
		[PHONE_CONFIG_NOT_OPENED] = SAY_CAPF_DECRYPT_FILE_FAILED,
	};
	struct cert *before = h->lsc != NULL ? cert_ref(h->lsc) : NULL;
	struct phonecfg config;
	enum phone_config_end end = phone_config_fetch(h, &config);

	if (end != PHONE_CONFIG_NONE)
		phone_capf_run(h, &config, reasons[end]);
	if (end != PHONE_CONFIG_NONE && end != PHONE_CONFIG_HELD && h->lsc != before)
		end = phone_config_fetch(h, &config);
	cert_free(before);
	return end == PHONE_CONFIG_HELD;
}

bool
phone_boot(struct handset *h)
{
	bool lists, configured;

	forget_answers(h);
	lists = boot_list(h, TRUST_EVAL_CTL);
	lists = boot_list(h, TRUST_EVAL_ITL) && lists;
	if (!h->ctl.held && !h->itl.held)
		console_status(&h->console, "No Trust List Installed");
	configured = configure(h);
	if (configured && h->options->all_files)
		configured = phone_files_fetch(h);
	phone_keep_rest(h);
	return lists && configured;
}

bool
phone_erase_lists(struct handset *h, struct err *e)
{
	bool ok;

	console_status(&h->console, "Erasing CTL and ITL files");
	phone_keep_drop(&h->ctl);
	phone_keep_drop(&h->itl);
	trust_cache_flush(&h->cache);
	ok = flash_remove(&h->flash, PHONE_CTL_FILE, NULL, e) &&
	     flash_remove(&h->flash, PHONE_ITL_FILE, NULL, e);
	phone_keep_rest(h);
	return ok;
}

bool
phone_erase_lsc(struct handset *h, struct err *e)
{
	bool was, ok = phone_keep_no_lsc(h, &was, e);

	console_status(&h->console, "LSC: Not Installed");
	phone_keep_rest(h);
	return ok;
}
