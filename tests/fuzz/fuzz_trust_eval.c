#include "rules/trust_eval.h"

#include "base/rd.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* TVS says yes to everything and sends what it is made to send. */
static void
answer(const struct trust_eval_state *st, struct span file, struct span certificate,
    struct trust_eval_verdict *v)
{
	static const uint8_t roles[] = { 0, 3, 7 };
	struct trust_eval_answer a = { true, roles, sizeof roles, 60, certificate };
	struct trust_cache cache = { 0 };

	trust_eval_tvs_answer(st, &a, file, &cache, v);
	assert(v->outcome == TRUST_EVAL_REJECT || v->outcome == TRUST_EVAL_BY_TVS);
	trust_cache_flush(&cache);
}

static void
show(const struct trust_eval_state *st, struct span file)
{
	const struct trustlist *held = st->itl != NULL ? st->itl : st->ctl;
	struct span certificate = { 0 };
	struct trust_eval_verdict v[3];

	if (held != NULL && held->count > 0)
		certificate = held->records[0].certificate;
	trust_eval_list(st, TRUST_EVAL_CTL, file, &v[0]);
	trust_eval_list(st, TRUST_EVAL_ITL, file, &v[1]);
	trust_eval_file(st, file, &v[2]);
	for (int i = 0; i < 3; i++) {
		assert(v[i].reason[0] != '\0');
		assert(!v[i].damaged || v[i].outcome == TRUST_EVAL_REJECT);
		if (v[i].outcome == TRUST_EVAL_ASK)
			answer(st, file, certificate, &v[i]);
	}
}

/* Two bytes of length, a list that is held (none: no bytes), and a list or file that is shown. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_open(span_of(data, size));
	struct trust_eval_state st = { .tvs_servers = 1, .now = 1 };
	struct trustlist held;
	struct span first, second;
	uint16_t n;

	if (!rd_u16(&r, &n) || !rd_span(&r, n, &first))
		return 0;
	second = rd_rest(&r);
	if (first.n == 0)
		show(&st, second);
	if (!trustlist_parse(first, &held, NULL))
		return 0;
	st.itl = &held;
	show(&st, second);
	st.itl = NULL;
	st.ctl = &held;
	show(&st, second);
	trustlist_free(&held);
	return 0;
}
