#include "admin/anyfile.h"

#include "admin/readfile.h"

#include "base/mem.h"

#include <string.h>

static bool
parse(struct anyfile *f, struct err *e)
{
	struct span raw = bytes_span(&f->raw);

	if (!signedfile_kind(raw, &f->kind, e))
		return false;
	switch (f->kind) {
	case SIGNEDFILE_LIST:
		return trustlist_parse(raw, &f->list, e);
	case SIGNEDFILE_SGN:
		return sgn_parse(raw, &f->sgn, e);
	default:
		return encfile_parse(raw, &f->enc, e);
	}
}

bool
anyfile_read(const char *path, struct anyfile *out, struct err *e)
{
	*out = (struct anyfile){ 0 };
	if (!readfile(path, &out->raw, e))
		return false;
	if (parse(out, e))
		return true;
	err_in(e, "%s", path);
	bytes_free(&out->raw);
	return false;
}

void
anyfile_free(struct anyfile *f)
{
	if (f->kind == SIGNEDFILE_LIST)
		trustlist_free(&f->list);
	bytes_free(&f->raw);
}

const struct envelope *
anyfile_envelope(const struct anyfile *f)
{
	switch (f->kind) {
	case SIGNEDFILE_LIST:
		return &f->list.env;
	case SIGNEDFILE_SGN:
		return &f->sgn.env;
	default:
		return &f->enc.env;
	}
}

static bool
check(const struct anyfile *f, const struct cert *signer, struct err *e)
{
	return f->kind == SIGNEDFILE_LIST ? signedfile_check_list(&f->list, signer, e)
					  : signedfile_check(anyfile_envelope(f), signer, e);
}

/* A record that may sign this kind of file and has the header's serial and issuer. */
static bool
record_signs(const struct trustlist_record *r, const struct anyfile *f)
{
	const struct envelope *env = anyfile_envelope(f);
	bool role = f->kind == SIGNEDFILE_LIST
			? r->function == FUNCTION_SAST
			: r->function == FUNCTION_TFTP || r->function == FUNCTION_CCM_TFTP;

	return role && r->certificate.p != NULL && span_eq(r->serial, env->serial) &&
	       span_eq(r->issuer, env->issuer);
}

static bool
check_by_trust(const char *path, const struct anyfile *f, struct err *e)
{
	struct anyfile trust;
	struct cert *signer = NULL;
	bool ok = false;

	if (!anyfile_read(path, &trust, e))
		return false;
	if (trust.kind != SIGNEDFILE_LIST) {
		err_set(e, ERR_REFUSED, "%s is no trust list", path);
	} else if (!signedfile_check_list(&trust.list, NULL, e)) {
		err_in(e, "%s", path);
	} else {
		err_set(e, ERR_CRYPTO, "signer is not in %s", path);
		for (size_t i = 0; i < trust.list.count && signer == NULL; i++)
			if (record_signs(&trust.list.records[i], f))
				signer = cert_parse(trust.list.records[i].certificate, e);
		ok = signer != NULL && check(f, signer, e);
	}
	cert_free(signer);
	anyfile_free(&trust);
	return ok;
}

bool
anyfile_verify(
    struct invocation *in, const struct anyfile *f, bool required, bool *judged, struct err *e)
{
	const char *cert_path = invocation_option(in, "cert"),
		   *trust = invocation_option(in, "trust");
	struct cert *signer;
	bool ok;

	*judged = true;
	if (trust != NULL)
		return check_by_trust(trust, f, e);
	if (cert_path == NULL && f->kind == SIGNEDFILE_LIST)
		return check(f, NULL, e);
	if (cert_path == NULL) {
		*judged = false;
		return !required ||
		       invocation_usage(in, e, "a %s is judged by --cert FILE or --trust ITL",
			   signedfile_kind_name(f->kind));
	}
	signer = readfile_cert(cert_path, e);
	ok = signer != NULL && check(f, signer, e);
	cert_free(signer);
	return ok;
}

bool
anyfile_target(struct invocation *in, const char *suffix, char **path, struct err *e)
{
	const char *out = invocation_option(in, "out"), *from = in->word[0];
	size_t n = strlen(from), cut = strlen(suffix);

	if (out != NULL) {
		*path = mem_text(out, strlen(out));
		return true;
	}
	if (n <= cut || strcmp(from + n - cut, suffix) != 0)
		return invocation_usage(
		    in, e, "%s does not end in %s: say --out FILE", from, suffix);
	*path = mem_text(from, n - cut);
	return true;
}
