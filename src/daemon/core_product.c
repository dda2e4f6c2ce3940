#include "daemon/core_product.h"

#include "base/text.h"
#include "daemon/core_config.h"
#include "daemon/core_digest.h"
#include "daemon/signatures.h"
#include "pki/digest.h"
#include "rules/signedfile.h"

#include <stdio.h>
#include <stdlib.h>

#define NANOS      1000000000ULL
#define ETAG_BYTES 16

static struct signedfile_head
head_of(const struct core_product *p, const struct core_wanted *wanted, enum envelope_digest digest)
{
	return (struct signedfile_head){
		.signer = p->signer,
		.names = SIGNEDFILE_CUCM,
		.filename = wanted->name.path,
		.digest = digest,
		.timestamp = (uint32_t)core_now(),
	};
}

/* --- signed files --- */

/* What a signature follows from, but for name and time stamp. */
static bool
subject_of(const struct signedfile_head *head, struct span payload, struct signatures_subject *out)
{
	const uint8_t digest = (uint8_t)head->digest;
	const struct span parts[] = { cert_sha256(head->signer), span_of(&digest, 1), payload };
	struct digest d;

	if (!digest_spans(DIGEST_SHA256, parts, sizeof parts / sizeof parts[0], &d, NULL))
		return false;
	memcpy(out->hash, d.p, sizeof out->hash);
	return true;
}

/* The file as it was when the signature was made, if it still is the same. */
static bool
take_remembered(struct core *c, struct signedfile_head head, struct span payload,
    const struct signatures_subject *of, struct bytes *out)
{
	struct signatures_one one;

	if (!signatures_find(c->signatures, head.filename, of, &one))
		return false;
	head.timestamp = one.timestamp;
	if (!signedfile_make_sgn(&head, payload, out, NULL))
		return false;
	if (signedfile_put_signature(out, one.signature, NULL))
		return true;
	bytes_free(out);
	return false;
}

static bool
make_sgn(struct core *c, const struct signedfile_head *head, struct bytes *payload,
    struct core_product *out, struct err *e)
{
	bool ok = true;

	out->is_repeatable = subject_of(head, bytes_span(payload), &out->signed_for);
	if (!out->is_repeatable ||
	    !take_remembered(c, *head, bytes_span(payload), &out->signed_for, &out->content)) {
		out->is_unsigned = true;
		ok = signedfile_make_sgn(head, bytes_span(payload), &out->content, e);
	}
	bytes_free(payload);
	return ok;
}

bool
core_product_signed(struct core *c, const struct core_wanted *wanted, struct core_product *p,
    struct bytes *file, struct span signature, struct err *e)
{
	struct envelope env;

	bytes_free(&p->content);
	p->content = *file;
	*file = (struct bytes){ 0 };
	p->is_unsigned = false;
	if (!signedfile_put_signature(&p->content, signature, e) ||
	    !envelope_parse(bytes_span(&p->content), &env, NULL, e))
		return err_in(e, "what came back from the keeper");
	if (p->is_repeatable)
		signatures_put(c->signatures, wanted->name.path, &p->signed_for,
		    &(struct signatures_one){ env.timestamp, env.signature });
	return true;
}

/* --- configurations --- */

static bool
shape_config(struct core *c, const struct core_wanted *wanted, struct core_config *m,
    struct core_product *out, struct err *e)
{
	const struct signedfile_head head = head_of(out, wanted, m->digest);

	switch (m->form) {
	case PROVISION_SIGNED:
	case PROVISION_STUB_SIGNED:
		return make_sgn(c, &head, &m->xml, out, e);
	case PROVISION_ENCRYPTED:
		out->is_unsigned = true;
		return signedfile_encrypt(
		    &head, bytes_span(&m->xml), m->recipient, &out->content, e);
	default:
		out->content = m->xml;
		m->xml = (struct bytes){ 0 };
		return true;
	}
}

static bool
make_config(struct core *c, const struct core_wanted *wanted, struct core_source *source,
    struct core_product *out, struct err *e)
{
	struct core_config m;
	bool ok;

	if (!core_config_make(c, wanted, &source->file, &m, e))
		return false;
	out->is_found = m.form != PROVISION_ABSENT;
	if (!out->is_found)
		return m.fault[0] == '\0' || err_set(e, ERR_MALFORMED, "%s", m.fault);
	if (wanted->name.has_device)
		snprintf(out->facts.version, sizeof out->facts.version, "config %s %s",
		    provision_form_name(m.form), m.version);
	out->is_stub = m.form == PROVISION_STUB_SIGNED;
	ok = shape_config(c, wanted, &m, out, e);
	core_config_free(&m);
	return ok;
}

/* --- files as they lie --- */

static void
fill_facts(const struct core_source *source, struct filecache_facts *out)
{
	const struct timespec *t = &source->file.st.st_mtim;

	out->modified = t->tv_sec > 0 ? (uint64_t)t->tv_sec : 0;
	if (folder_settled(&source->file.st, core_now()))
		snprintf(out->etag, sizeof out->etag, "%llx-%llx",
		    (unsigned long long)source->file.st.st_size,
		    (unsigned long long)t->tv_sec * NANOS + (unsigned long long)t->tv_nsec);
}

static bool
make_stored(struct core *c, const struct core_wanted *wanted, struct core_source *source,
    struct core_product *out, struct err *e)
{
	const struct signedfile_head head = head_of(out, wanted, core_digest_shared(c));
	struct bytes content;

	out->is_found = core_source_is_there(&source->file);
	if (!out->is_found)
		return true;
	if (!core_source_read(c, &source->file, &content, e))
		return false;
	if (source->is_signed_by_us && !signedfile_may_carry(bytes_span(&content))) {
		bytes_free(&content);
		out->is_found = false;
		return true;
	}
	if (source->is_signed_by_us)
		return make_sgn(c, &head, &content, out, e);
	out->content = content;
	fill_facts(source, &out->facts);
	return true;
}

/* --- all --- */

bool
core_product_make(struct core *c, const struct core_wanted *wanted, struct core_source *source,
    struct core_product *out, struct err *e)
{
	const struct cert *current = cluster_cert(c->cluster, PURPOSE_CALLMANAGER);

	*out = (struct core_product){ .signer = cert_ref(
					  source->signer != NULL ? source->signer : current) };
	if (wanted->name.kind == FNAME_CONFIG ? make_config(c, wanted, source, out, e)
					      : make_stored(c, wanted, source, out, e))
		return true;
	core_product_free(out);
	return false;
}

bool
core_product_finish(struct core_product *p, struct err *e)
{
	struct digest d;
	char *hex;

	if (p->facts.modified != 0) /* a file as it lies */
		return true;
	if (!digest_of(DIGEST_SHA256, bytes_span(&p->content), &d, e))
		return false;
	hex = text_hex(span_of(d.p, ETAG_BYTES));
	snprintf(p->facts.etag, sizeof p->facts.etag, "%s", hex);
	free(hex);
	return true;
}

void
core_product_free(struct core_product *p)
{
	bytes_free(&p->content);
	cert_free(p->signer);
	p->signer = NULL;
	p->is_found = false;
}
