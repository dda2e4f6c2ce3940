#include "admin/anyfile.h"
#include "admin/filejson.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include "base/text.h"
#include "rules/fileshow.h"
#include "rules/listshow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (64 * 1024 * 1024)

/* --- show --- */

static void
print_text(const struct anyfile *f)
{
	struct wr out = wr_new(TEXT_MAX);
	struct err ignored = { 0 };
	char when[TEXT_TIME_MAX];

	switch (f->kind) {
	case SIGNEDFILE_LIST:
		text_time((time_t)f->list.env.timestamp, when);
		(void)!listshow_file(listshow_kind_of(bytes_span(&f->raw)), bytes_span(&f->raw),
		    when, &out, &ignored);
		break;
	case SIGNEDFILE_SGN:
		fileshow_sgn(&f->sgn, &out);
		break;
	default:
		fileshow_enc(&f->enc, &out);
		break;
	}
	fwrite(out.p, 1, out.n, stdout);
	wr_free(&out);
}

static json_t *
file_json(const struct anyfile *f, const char *path)
{
	json_t *o;

	switch (f->kind) {
	case SIGNEDFILE_LIST:
		o = filejson_list(&f->list);
		break;
	case SIGNEDFILE_SGN:
		o = filejson_sgn(&f->sgn);
		break;
	default:
		o = filejson_enc(&f->enc);
		break;
	}
	json_object_set_new(o, "file", output_string(span_str(path)));
	json_object_set_new(o, "kind", json_string(signedfile_kind_name(f->kind)));
	return o;
}

/* One file is an object, several are an array. */
static void
print_json(json_t *all)
{
	output_json(json_array_size(all) == 1 ? json_array_get(all, 0) : all);
	json_decref(all);
}

bool
run_file_show(struct invocation *in, struct err *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < in->words; i++) {
		struct anyfile f;

		if (!anyfile_read(in->word[i], &f, e)) {
			json_decref(all);
			return false;
		}
		if (in->json)
			json_array_append_new(all, file_json(&f, in->word[i]));
		else
			print_text(&f);
		anyfile_free(&f);
	}
	if (in->json)
		print_json(all);
	else
		json_decref(all);
	return true;
}

/* --- verify --- */

static json_t *
verdict_json(const char *path, const struct anyfile *f, const char *reason)
{
	json_t *o = json_pack("{s:o, s:b, s:o}", "file", output_string(span_str(path)), "ok",
	    reason == NULL, "reason",
	    reason != NULL ? output_string(span_str(reason)) : json_null());

	if (f != NULL) {
		const struct envelope *env = anyfile_envelope(f);

		json_object_set_new(o, "kind", json_string(signedfile_kind_name(f->kind)));
		json_object_set_new(o, "signer", output_string(env->signer_name));
		json_object_set_new(o, "digest", json_string(envelope_digest_name(env->digest)));
	}
	return o;
}

static void
print_verdict(const char *path, const struct anyfile *f)
{
	const struct envelope *env = anyfile_envelope(f);
	char signer[200];

	printf("%s: ok, %s, signed with %s by %s\n", path, signedfile_kind_name(f->kind),
	    envelope_digest_name(env->digest),
	    text_printable(env->signer_name, signer, sizeof signer));
}

static bool
verify_one(struct invocation *in, const char *path, json_t *all, struct err *e)
{
	struct anyfile f;
	bool judged, ok;

	if (!anyfile_read(path, &f, e)) {
		json_array_append_new(all, verdict_json(path, NULL, e->text));
		return false;
	}
	ok = anyfile_verify(in, &f, true, &judged, e);
	json_array_append_new(all, verdict_json(path, &f, ok ? NULL : e->text));
	if (ok && !in->json)
		print_verdict(path, &f);
	if (!ok && !in->usage)
		err_in(e, "%s", path);
	anyfile_free(&f);
	return ok;
}

/* Every file is judged; the first fault is the error. */
bool
run_file_verify(struct invocation *in, struct err *e)
{
	json_t *all = json_array();
	bool ok = true;

	for (size_t i = 0; i < in->words && !in->usage; i++) {
		struct err why = { 0 };

		if (verify_one(in, in->word[i], all, &why))
			continue;
		if (ok)
			*e = why;
		ok = false;
	}
	if (in->json && !in->usage)
		print_json(all);
	else
		json_decref(all);
	return ok;
}

/* --- strip --- */

bool
run_file_strip(struct invocation *in, struct err *e)
{
	bool named = invocation_option(in, "out") != NULL, ok;
	struct anyfile f;
	char *path;

	if (!anyfile_target(in, ".sgn", &path, e))
		return false;
	ok = anyfile_read(in->word[0], &f, e);
	if (ok && f.kind == SIGNEDFILE_LIST)
		ok = err_set(e, ERR_REFUSED,
		    "%s is a trust list: nothing is left without its header", in->word[0]);
	else if (ok)
		ok = writefile(path, f.kind == SIGNEDFILE_SGN ? f.sgn.payload : f.enc.body,
		    WRITEFILE_PUBLIC, !named, e);
	if (f.raw.p != NULL)
		anyfile_free(&f);
	free(path);
	return ok;
}
