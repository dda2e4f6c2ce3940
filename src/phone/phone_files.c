#include "phone/phone_files.h"

#include "phone/phone_config.h"
#include "phone/phone_get.h"
#include "phone/phone_keep.h"
#include "phone/say.h"
#include "rules/phonecfg_files.h"

#include <stdio.h>

#define FILE_MAX (32u * 1024 * 1024)
#define NAME_BYTES (PHONECFG_FILE_NAME_MAX + 8)

static bool
fetch(struct handset *h, const struct phonecfg_file *f)
{
	struct trust_eval_state st = phone_trust(h);
	bool is_signed = trust_eval_wants_signed(&st) && !f->is_firmware;
	char name[NAME_BYTES];
	struct bytes file = { 0 };
	struct err e;
	bool ok;

	snprintf(name, sizeof name, "%s%s", f->name, is_signed ? ".sgn" : "");
	say_file_request(&h->console, name, h->options->server, FILE_MAX);
	if (!phone_get(h, name, FILE_MAX, &file, &e)) {
		if (e.code == ERR_UNKNOWN)
			console_line(&h->console, CONSOLE_NOT, "%s: File Not Found", name);
		return e.code == ERR_UNKNOWN;
	}
	ok = !is_signed || phone_config_verify(h, name, bytes_span(&file));
	bytes_free(&file);
	return ok;
}

bool
phone_files_fetch(struct handset *h)
{
	struct phonecfg_files files = { 0 };
	struct bytes xml = { 0 };
	bool ok = true;
	struct err e;

	if (!phone_keep_read_config(h, &xml, &e) || !phonecfg_files(bytes_span(&xml), &files, &e)) {
		console_line(&h->console, CONSOLE_ERR, "FLASH: %s", e.text);
		ok = false;
	}
	bytes_wipe(&xml);
	for (size_t i = 0; i < files.count; i++)
		ok = fetch(h, &files.file[i]) && ok;
	return ok;
}
