#include "daemon/commands.h"

#include "base/text.h"
#include "cluster/cluster_ctl.h"
#include "cluster/cluster_tokens.h"
#include "daemon/certjson.h"

#include <stdlib.h>

#define FILES_MAX 2 /* one of each digest */

static json_t *
tokens_json(struct core *c)
{
	size_t count;
	const struct cert *const *token = cluster_tokens(c->cluster, &count);
	bool sign = cluster_tokens_sign(c->cluster);
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *one = certjson(token[i], core_now());

		json_object_set_new(one, "signed", json_boolean(sign && i == 0));
		json_array_append_new(all, one);
	}
	return all;
}

bool
command_token_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	(void)e;
	*result = tokens_json(c);
	return true;
}

/* The tokens after a change. */
static bool
changed(struct core *c, bool ok, json_t **result)
{
	if (!ok)
		return false;
	core_refresh_fronts(c);
	*result = tokens_json(c);
	return true;
}

bool
command_token_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct cert *token = cert_from_pem(span_str(args_text(args, "certificate")), e);
	bool ok = token != NULL && cluster_token_add(c->cluster, token, core_now(), e);

	cert_free(token);
	return changed(c, ok, result);
}

static bool
sha256_of(const json_t *args, struct bytes *out, struct err *e)
{
	return text_unhex(span_str(args_text(args, "sha256")), out, e) || err_in(e, "sha256");
}

bool
command_token_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct bytes sha256;
	bool ok;

	if (!sha256_of(args, &sha256, e))
		return false;
	ok = cluster_token_delete(c->cluster, bytes_span(&sha256), core_now(), e);
	bytes_free(&sha256);
	return changed(c, ok, result);
}

/* One of each digest that is published. */
bool
command_token_draft(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	static const enum envelope_digest digests[FILES_MAX] = { ENVELOPE_SHA1, ENVELOPE_SHA512 };
	size_t count = cluster_digest(c->cluster) == ENVELOPE_SHA512 ? FILES_MAX : 1;
	struct bytes sha256, file;
	bool ok;

	if (!sha256_of(args, &sha256, e))
		return false;
	*result = json_array();
	ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		ok = cluster_token_draft(
		    c->cluster, bytes_span(&sha256), digests[i], core_now(), &file, e);
		if (!ok)
			break;
		json_array_append_new(*result, json_hex(bytes_span(&file)));
		bytes_free(&file);
	}
	bytes_free(&sha256);
	if (!ok)
		json_decref(*result);
	return ok;
}

static bool
files_read(const json_t *files, struct bytes out[FILES_MAX], size_t *count, struct err *e)
{
	*count = 0;
	if (json_array_size(files) > FILES_MAX)
		return err_set(e, ERR_LIMIT, "at most %d files", FILES_MAX);
	while (*count < json_array_size(files)) {
		const char *hex = json_string_value(json_array_get(files, *count));

		if (!text_unhex(span_str(hex != NULL ? hex : ""), &out[*count], e))
			return err_in(e, "file %zu", *count + 1);
		(*count)++;
	}
	return true;
}

bool
command_token_publish(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct bytes sha256, file[FILES_MAX];
	struct span span[FILES_MAX];
	size_t count;
	bool ok;

	if (!sha256_of(args, &sha256, e))
		return false;
	ok = files_read(json_object_get(args, "files"), file, &count, e);
	for (size_t i = 0; i < count; i++)
		span[i] = bytes_span(&file[i]);
	ok = ok &&
	     cluster_token_publish(c->cluster, bytes_span(&sha256), span, count, core_now(), e);
	for (size_t i = 0; i < count; i++)
		bytes_free(&file[i]);
	bytes_free(&sha256);
	return changed(c, ok, result);
}

bool
command_token_end(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return changed(c, cluster_token_end(c->cluster, core_now(), e), result);
}
