#include "../check.h"

#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/keeper.h"
#include "daemon/sealedfile.h"
#include "daemon/signpool.h"
#include "keys/signer_pem.h"
#include "rules/signedfile.h"
#include "tempdir.h"
#include "wire/keymsg.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW       1700000000
#define ASKED_MAX 32
#define LARGE     (3 * 1024 * 1024)

static const uint8_t key_bytes[SIGNER_KEY_ID] = { 9 };

/* A keeper as the pool sees it: notes what it is asked, answers when it is told to. */
struct fake {
	struct chan *chan;
	uint32_t id[ASKED_MAX];
	struct bytes file[ASKED_MAX];
	size_t asked;
	bool closed;
};

struct rig {
	struct event_base *base;
	struct signpool *pool;
	struct fake fake[2];
	/* What became of the files, in order. */
	struct bytes file[ASKED_MAX], signature[ASKED_MAX];
	struct err fault[ASKED_MAX];
	const void *who[ASKED_MAX];
	size_t finished;
};

/* Who wants a file; it must not be told before signpool_sign has returned. */
struct wish {
	struct rig *rig;
	bool asking;
};

static void
fake_asked(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct fake *f = arg;
	struct key_sign ask;
	struct err e = { 0 };

	assert_int_equal(kind, CHAN_SIGN);
	assert_ok(key_sign_parse(payload, &ask, &e), e);
	assert_memory_equal(ask.key_id.p, key_bytes, sizeof key_bytes);
	assert_true(f->asked < ASKED_MAX);
	f->id[f->asked] = ask.id;
	if (ask.has_file) {
		assert_ok(sealedfile_read(fd, ask.file_size, LARGE, &f->file[f->asked], &e), e);
		close(fd);
	} else {
		f->file[f->asked] = bytes_copy(ask.file);
	}
	f->asked++;
}

static void
fake_closed(void *arg, const char *why)
{
	(void)why;
	((struct fake *)arg)->closed = true;
}

static void
fake_send(struct fake *f, const struct key_signed *answer)
{
	struct wr w = wr_new(KEYMSG_MAX);
	struct err e = { 0 };

	assert_ok(key_signed_encode(answer, &w, &e), e);
	assert_ok(chan_send(f->chan, CHAN_SIGNED, wr_view(&w), -1, &e), e);
	wr_free(&w);
}

/* Its file number i gets "+" for a signature. */
static void
fake_answer(struct fake *f, size_t i)
{
	fake_send(f, &(struct key_signed){ .id = f->id[i], .signature = span_str("+") });
}

static void
settle(struct rig *r)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

/* A new keeper of that number. */
static struct fake *
hire(struct rig *r, unsigned index)
{
	struct fake *f = &r->fake[index];
	struct err e = { 0 };
	int pair[2];

	chan_free(f->chan);
	for (size_t i = 0; i < f->asked; i++)
		bytes_free(&f->file[i]);
	*f = (struct fake){ 0 };
	assert_ok(chan_pair(pair, &e), e);
	f->chan = chan_new(r->base, pair[0], fake_asked, fake_closed, f);
	signpool_keeper(r->pool, index, pair[1]);
	settle(r);
	return f;
}

static void
fire(struct rig *r, unsigned index)
{
	chan_free(r->fake[index].chan);
	r->fake[index].chan = NULL;
	settle(r);
}

static void
on_done(void *arg, struct bytes *file, struct span signature, const struct err *e)
{
	struct wish *w = arg;
	struct rig *r = w->rig;

	assert_false(w->asking);
	assert_true(r->finished < ASKED_MAX);
	r->who[r->finished] = w;
	r->file[r->finished] = *file;
	r->signature[r->finished] = bytes_copy(signature);
	r->fault[r->finished] = e != NULL ? *e : (struct err){ 0 };
	r->finished++;
}

static uint32_t
wish_for(struct wish *w, struct rig *r, bool in_advance, const char *text)
{
	struct bytes file = bytes_copy(span_str(text));
	uint32_t number;

	*w = (struct wish){ .rig = r, .asking = true };
	number = signpool_sign(
	    r->pool, in_advance, span_of(key_bytes, sizeof key_bytes), &file, on_done, w);
	assert_null(file.p);
	w->asking = false;
	return number;
}

static int
setup(void **state)
{
	struct rig *r = mem_new(1, sizeof *r);

	r->base = event_base_new();
	r->pool = signpool_new(r->base);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	signpool_free(r->pool);
	for (size_t i = 0; i < 2; i++) {
		chan_free(r->fake[i].chan);
		for (size_t k = 0; k < r->fake[i].asked; k++)
			bytes_free(&r->fake[i].file[k]);
	}
	for (size_t i = 0; i < r->finished; i++) {
		bytes_free(&r->file[i]);
		bytes_free(&r->signature[i]);
	}
	event_base_free(r->base);
	free(r);
	return 0;
}

static void
signpool_waits_until_a_keeper_is_there(void **state)
{
	struct rig *r = *state;
	struct fake *f;
	struct wish w;

	wish_for(&w, r, false, "a file");
	settle(r);
	assert_int_equal(r->finished, 0);
	assert_int_equal(signpool_waiting(r->pool, false), 1);
	assert_int_equal(signpool_waiting(r->pool, true), 0);
	f = hire(r, 0);
	assert_int_equal(f->asked, 1);
	fake_answer(f, 0);
	settle(r);
	assert_int_equal(r->finished, 1);
	assert_ptr_equal(r->who[0], &w);
	assert_span_equal(bytes_span(&r->file[0]), span_str("a file"));
	assert_span_equal(bytes_span(&r->signature[0]), span_str("+"));
	assert_int_equal(signpool_waiting(r->pool, false), 0);
}

static void
signpool_puts_whoever_waits_before_work_in_advance(void **state)
{
	static const char *const order[] = { "adv1", "adv2", "now1", "now2", "adv3" };
	struct rig *r = *state;
	struct fake *f = hire(r, 0);
	struct wish w[5];

	wish_for(&w[0], r, true, "adv1");
	wish_for(&w[1], r, true, "adv2");
	wish_for(&w[2], r, true, "adv3");
	wish_for(&w[3], r, false, "now1");
	wish_for(&w[4], r, false, "now2");
	assert_int_equal(signpool_waiting(r->pool, true), 3);
	assert_int_equal(signpool_waiting(r->pool, false), 5);
	for (size_t i = 0; i < 5; i++) {
		settle(r);
		assert_int_equal(f->asked, i + 2 < 5 ? i + 2 : 5);
		assert_span_equal(bytes_span(&f->file[i]), span_str(order[i]));
		fake_answer(f, i);
	}
	settle(r);
	assert_int_equal(r->finished, 5);
}

static void
signpool_hurries_what_somebody_waits_for_after_all(void **state)
{
	static const char *const order[] = { "adv1", "adv2", "now1", "adv4", "adv3" };
	struct rig *r = *state;
	struct fake *f = hire(r, 0);
	struct wish w[5];
	uint32_t first, last;

	first = wish_for(&w[0], r, true, "adv1");
	wish_for(&w[1], r, true, "adv2");
	wish_for(&w[2], r, true, "adv3");
	last = wish_for(&w[3], r, true, "adv4");
	wish_for(&w[4], r, false, "now1");
	signpool_hurry(r->pool, last);
	signpool_hurry(r->pool, first); /* a keeper has it */
	assert_int_equal(signpool_waiting(r->pool, true), 3);
	assert_int_equal(signpool_waiting(r->pool, false), 5);
	for (size_t i = 0; i < 5; i++) {
		settle(r);
		assert_span_equal(bytes_span(&f->file[i]), span_str(order[i]));
		fake_answer(f, i);
	}
	settle(r);
	assert_int_equal(r->finished, 5);
	assert_int_equal(signpool_waiting(r->pool, false), 0);
}

static void
signpool_deals_to_the_keeper_with_the_least_in_hand(void **state)
{
	struct rig *r = *state;
	struct fake *a = hire(r, 0), *b = hire(r, 1);
	struct wish w[5];

	for (size_t i = 0; i < 5; i++)
		wish_for(&w[i], r, false, "file");
	settle(r);
	assert_int_equal(a->asked, 2);
	assert_int_equal(b->asked, 2);
	fake_answer(b, 1);
	settle(r);
	assert_int_equal(b->asked, 3);
	assert_int_equal(a->asked, 2);
}

static void
signpool_gives_the_files_of_a_keeper_that_ended_to_another(void **state)
{
	struct rig *r = *state;
	struct wish w[3];
	struct fake *f;

	hire(r, 0);
	wish_for(&w[0], r, false, "one");
	wish_for(&w[1], r, false, "two");
	wish_for(&w[2], r, false, "three");
	settle(r);
	f = hire(r, 1);
	assert_int_equal(f->asked, 1);
	fire(r, 0);
	assert_int_equal(f->asked, 2);
	fake_answer(f, 0);
	fake_answer(f, 1);
	settle(r);
	assert_int_equal(f->asked, 3);
	fake_answer(f, 2);
	settle(r);
	assert_int_equal(r->finished, 3);
	assert_span_equal(bytes_span(&r->file[0]), span_str("three"));
	assert_span_equal(bytes_span(&r->file[1]), span_str("one"));
	assert_span_equal(bytes_span(&r->file[2]), span_str("two"));
}

static void
signpool_gives_up_a_file_over_which_keepers_end(void **state)
{
	struct rig *r = *state;
	struct wish w;

	wish_for(&w, r, false, "poison");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(r->finished, 0);
		hire(r, 0);
		fire(r, 0);
	}
	assert_int_equal(r->finished, 1);
	assert_int_equal(r->fault[0].code, ERR_IO);
	assert_non_null(strstr(r->fault[0].text, "3 keepers"));
	assert_int_equal(signpool_waiting(r->pool, false), 0);
}

static void
signpool_tells_the_reason_of_the_keeper(void **state)
{
	struct rig *r = *state;
	struct fake *f = hire(r, 0);
	struct wish w;

	wish_for(&w, r, false, "file");
	settle(r);
	fake_send(
	    f, &(struct key_signed){
		   .id = f->id[0], .code = ERR_REFUSED, .text = span_str("the tvs key may not") });
	settle(r);
	assert_int_equal(r->finished, 1);
	assert_int_equal(r->fault[0].code, ERR_REFUSED);
	assert_string_equal(r->fault[0].text, "the tvs key may not");
	assert_null(r->file[0].p);
}

static void
signpool_drops_a_keeper_that_breaks_the_protocol(void **state)
{
	struct rig *r = *state;
	struct fake *f = hire(r, 0);
	struct wish w;

	wish_for(&w, r, false, "file");
	settle(r);
	fake_send(f, &(struct key_signed){ .id = f->id[0] + 1, .signature = span_str("x") });
	settle(r);
	assert_true(f->closed);
	assert_int_equal(r->finished, 0);
	f = hire(r, 1);
	assert_int_equal(f->asked, 1);
	assert_true(chan_send(f->chan, CHAN_SIGNED, span_str("?"), -1, NULL));
	settle(r);
	assert_true(f->closed);
	assert_int_equal(signpool_waiting(r->pool, false), 1);
}

/* --- with a keeper's own loop and real keys --- */

static struct cert *
make_key(struct signer *s, enum purpose purpose)
{
	const struct signer_template t = { .purpose = purpose,
		.common_name = "ccm.example",
		.not_before = NOW,
		.not_after = NOW + 1000,
		.rsa_bits = 2048 };
	struct bytes der;
	struct err e = { 0 };
	struct cert *cert;

	assert_ok(signer_make(s, &t, &der, &e), e);
	cert = cert_parse(bytes_span(&der), &e);
	assert_non_null(cert);
	bytes_free(&der);
	return cert;
}

static void
no_more(void *arg, const char *why)
{
	(void)why;
	*(bool *)arg = true;
}

/* Runs the loop until so many files are finished. */
static void
await(struct rig *r, size_t finished)
{
	for (int i = 0; i < 1000 && r->finished < finished; i++)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_int_equal(r->finished, finished);
}

/* Has the keeper sign size bytes with this key; gives the outcome's number. */
static size_t
sign_real(struct rig *r, const struct cert *key, const struct cert *named, size_t size)
{
	const struct signedfile_head head = { .signer = named,
		.names = SIGNEDFILE_CUCM,
		.filename = "SEP001122334455.cnf.xml.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = NOW };
	uint8_t *payload = mem_new(size, 1);
	struct wish w = { .rig = r };
	struct bytes raw;
	struct err e = { 0 };

	memset(payload, 'x', size);
	assert_ok(signedfile_make_sgn(&head, span_of(payload, size), &raw, &e), e);
	free(payload);
	signpool_sign(r->pool, false, cert_key_id(key), &raw, on_done, &w);
	await(r, r->finished + 1);
	return r->finished - 1;
}

static void
assert_signed(struct rig *r, size_t i, const struct cert *signer)
{
	struct envelope env;
	struct span content;
	struct err e = { 0 };

	assert_string_equal(r->fault[i].text, "");
	assert_ok(signedfile_put_signature(&r->file[i], bytes_span(&r->signature[i]), &e), e);
	assert_ok(signedfile_parse(bytes_span(&r->file[i]), &env, &content, &e), e);
	assert_ok(signedfile_check(&env, signer, &e), e);
}

static void
keeper_signs_small_and_large_files_with_keys_that_may(void **state)
{
	char dir[TEMPDIR_MAX], keys[TEMPDIR_MAX + 16], pass[TEMPDIR_MAX + 16];
	struct rig *r = *state;
	struct signer *signer, *mine;
	struct cert *ccm, *recovery;
	struct keeper *keeper;
	struct err e = { 0 };
	bool gone = false;
	int pair[2];
	size_t i;

	tempdir_make(dir);
	tempdir_path(dir, "keys", keys, sizeof keys);
	tempdir_path(dir, "pass", pass, sizeof pass);
	assert_ok(signer_pem_create(keys, pass, &e), e);
	assert_ok(signer_pem_open(keys, pass, &signer, &e), e);
	assert_ok(signer_pem_open(keys, pass, &mine, &e), e);
	ccm = make_key(signer, PURPOSE_CALLMANAGER);
	recovery = make_key(signer, PURPOSE_ITLRECOVERY);
	assert_ok(chan_pair(pair, &e), e);
	keeper = keeper_new(r->base, pair[0], mine, LARGE + 100000, no_more, &gone);
	signpool_keeper(r->pool, 0, pair[1]);

	assert_signed(r, sign_real(r, ccm, ccm, 100), ccm);
	assert_signed(r, sign_real(r, ccm, ccm, LARGE), ccm);
	i = sign_real(r, ccm, ccm, LARGE + 200000);
	assert_int_equal(r->fault[i].code, ERR_LIMIT);
	i = sign_real(r, recovery, recovery, 100);
	assert_int_equal(r->fault[i].code, ERR_REFUSED);
	assert_non_null(strstr(r->fault[i].text, "may not sign files"));
	i = sign_real(r, ccm, recovery, 100);
	assert_int_equal(r->fault[i].code, ERR_REFUSED);

	signpool_free(r->pool);
	r->pool = NULL;
	settle(r);
	assert_true(gone);
	keeper_free(keeper);
	signer_close(signer);
	signer_close(mine);
	cert_free(ccm);
	cert_free(recovery);
	tempdir_remove(dir);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(signpool_waits_until_a_keeper_is_there),
		WITH_RIG(signpool_puts_whoever_waits_before_work_in_advance),
		WITH_RIG(signpool_hurries_what_somebody_waits_for_after_all),
		WITH_RIG(signpool_deals_to_the_keeper_with_the_least_in_hand),
		WITH_RIG(signpool_gives_the_files_of_a_keeper_that_ended_to_another),
		WITH_RIG(signpool_gives_up_a_file_over_which_keepers_end),
		WITH_RIG(signpool_tells_the_reason_of_the_keeper),
		WITH_RIG(signpool_drops_a_keeper_that_breaks_the_protocol),
		WITH_RIG(keeper_signs_small_and_large_files_with_keys_that_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
