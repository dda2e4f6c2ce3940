#include "capf_fake.h"

#include <stdio.h>
#include <stdlib.h>

#define BIT(tag) (1u << (tag))

static const uint8_t der_issued[] = { 0x30, 3, 2, 1, 1 };
static const uint8_t der_held[] = { 0x30, 3, 2, 1, 2 };
static const uint8_t der_key[] = { 0x30, 4, 2, 2, 1, 3 };

struct capf_fake
capf_fake_new(enum answer_capf operation)
{
	return (struct capf_fake){
		.start = { .ok = true, .capf = (uint8_t)operation, .key_size = 2048 },
		.certificate = span_of(der_issued, sizeof der_issued),
		.public_key = span_of(der_key, sizeof der_key),
		.lsc = span_of(der_held, sizeof der_held),
	};
}

void
capf_fake_free(struct capf_fake *f)
{
	bytes_free(&f->stored);
}

bool
capf_fake_answer(void *arg, const struct ask *ask, struct answer *out)
{
	const struct capf_fake *f = arg;

	switch (ask->kind) {
	case ASK_CAPF_START:
		*out = f->start;
		out->kind = ask->kind;
		return true;
	case ASK_CAPF_ISSUE:
		if (f->is_ca_slow) {
			out->ok = true;
			out->capf = ANSWER_CAPF_RETRY;
			return true;
		}
		out->ok = f->certificate.n > 0;
		out->certificate = f->certificate;
		if (!out->ok)
			out->text = span_str("no key for it");
		return true;
	case ASK_CAPF_FINISH:
		out->ok = !f->is_finish_lost;
		return true;
	default:
		return false;
	}
}

static bool
fake_make_key(void *arg, uint8_t key_type, uint16_t key_size, uint8_t curve, struct bytes *spki,
    struct err *e)
{
	struct capf_fake *f = arg;

	f->asked_type = key_type;
	f->asked_size = key_size;
	f->asked_curve = curve;
	if (f->public_key.n == 0)
		return err_set(e, ERR_CRYPTO, "no key");
	*spki = bytes_copy(f->public_key);
	return true;
}

static bool
fake_store(void *arg, struct span certificate, struct err *e)
{
	struct capf_fake *f = arg;

	if (f->is_store_refused)
		return err_set(e, ERR_REFUSED, "not mine");
	bytes_free(&f->stored);
	f->stored = bytes_copy(certificate);
	return true;
}

static bool
fake_fetch(void *arg, uint8_t cert_type, struct bytes *certificate)
{
	const struct capf_fake *f = arg;
	struct span held = cert_type == CAPFMSG_CERT_MIC ? f->mic : f->lsc;

	if (held.n == 0)
		return false;
	*certificate = bytes_copy(held);
	return true;
}

static bool
fake_erase(void *arg)
{
	struct capf_fake *f = arg;
	bool had = f->lsc.n > 0;

	f->lsc = (struct span){ 0 };
	return had;
}

struct capf_client_plan
capf_fake_plan(struct capf_fake *f, const char *password, struct capf_client_result *result)
{
	return (struct capf_client_plan){
		.device = CAPF_FAKE_DEVICE,
		.password = password,
		.make_key = fake_make_key,
		.store = fake_store,
		.fetch = fake_fetch,
		.erase = fake_erase,
		.arg = f,
		.result = result,
	};
}

struct capfmsg
capf_fake_message(enum capfmsg_command command, uint32_t session)
{
	return (struct capfmsg){
		.command = command,
		.session_id = session,
		.has = BIT(CAPFMSG_REASON) | BIT(CAPFMSG_CERTIFICATE) |
		       BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_KEY_SIZE) |
		       BIT(CAPFMSG_PASSWORD) | BIT(CAPFMSG_DEVICE_NAME) | BIT(CAPFMSG_PUBLIC_KEY),
		.reason = CAPFMSG_REASON_DONE,
		.inner_type = CAPFMSG_CERT_LSC,
		.certificate = span_of(der_held, sizeof der_held),
		.version = CAPFMSG_VERSION,
		.key_size = 2048,
		.password = span_str("1234"),
		.device = span_str(CAPF_FAKE_DEVICE),
		.public_key = span_of(der_key, sizeof der_key),
	};
}

static void
insist(bool is_so, const struct err *e)
{
	if (is_so)
		return;
	fprintf(stderr, "capf_fake: %s\n", e->text);
	abort();
}

void
capf_fake_feed(struct pair_end *end, const struct capfmsg *m)
{
	struct wr w = wr_new(CAPFMSG_MAX);
	struct err e = { 0 };

	insist(capfmsg_encode(m, &w, &e), &e);
	pair_end_feed(end, wr_view(&w));
	wr_free(&w);
}

struct capfmsg
capf_fake_take(struct pair_end *end)
{
	struct capfmsg m;
	struct err e = { 0 };

	insist(capfmsg_parse(pair_end_take(end), true, &m, &e), &e);
	return m;
}
