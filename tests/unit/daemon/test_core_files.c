#include "core_rig.h"

#include "cluster/cluster_ctl.h"
#include "rules/signedfile.h"
#include "wire/sgn.h"
#include "wire/tftp.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct answer
ask(struct core_rig *r, const char *name)
{
	return core_rig_file(r, name, ASK_VIA_TFTP);
}

static void
assert_refused(struct core_rig *r, const char *name, uint16_t code)
{
	struct answer a = ask(r, name);

	assert_false(a.ok);
	assert_int_equal(a.code, code);
}

static void
core_files_serves_each_version_of_a_file_and_no_other(void **state)
{
	static const char *const versions[] = { "one", "two", "three", "4" };
	struct core_rig *r = *state;

	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		struct answer a;

		core_rig_put(r, "ring.xml", span_str(versions[i]));
		for (int again = 0; again < 2; again++) {
			a = ask(r, "ring.xml");
			assert_true(a.ok);
			assert_span_equal(a.data, span_str(versions[i]));
		}
	}
}

/* Both are asked under names that share a copy's file. */
static void
core_files_keeps_plain_and_signed_apart(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };

	core_rig_put(r, "ring.xml", span_str("<a/>"));
	for (int i = 0; i < 2; i++) {
		struct answer a = ask(r, "ring.xml.sgn");
		struct sgn s;

		assert_true(a.ok);
		assert_ok(sgn_parse(a.data, &s, &e), e);
		assert_span_equal(s.payload, span_str("<a/>"));
		assert_ok(signedfile_check(
			      &s.env, cluster_cert(r->core.cluster, PURPOSE_CALLMANAGER), &e),
		    e);
		a = ask(r, "ring.xml");
		assert_span_equal(a.data, span_str("<a/>"));
	}
}

static void
core_files_hands_large_files_over_as_a_descriptor(void **state)
{
	struct core_rig *r = *state;
	size_t n = ASK_INLINE_MAX + 1;
	uint8_t *content = calloc(n, 1), byte;
	struct answer a;
	int fd;

	content[n - 1] = 'z';
	core_rig_put(r, "big.bin", span_of(content, n));
	core_rig_ask(r, 1, "big.bin", ASK_VIA_TFTP);
	core_rig_answer(r, &a, &fd);
	assert_true(a.ok && a.has_file);
	assert_int_equal(a.file_size, n);
	assert_int_equal(pread(fd, &byte, 1, (off_t)n - 1), 1);
	assert_int_equal(byte, 'z');
	close(fd);
	free(content);
}

static void
core_files_reads_nothing_outside_the_folder(void **state)
{
	struct core_rig *r = *state;
	char path[2048];

	snprintf(path, sizeof path, "%s/out.xml", cluster_conf(r->core.cluster)->provisioning_dir);
	assert_int_equal(symlink("../sealtone.conf", path), 0);
	assert_refused(r, "out.xml", TFTP_ERR_NOT_FOUND);
	assert_refused(r, "out.xml.sgn", TFTP_ERR_NOT_FOUND);
	assert_refused(r, "../sealtone.conf", TFTP_ERR_ACCESS);
	assert_refused(r, "/etc/passwd", TFTP_ERR_ACCESS);
	snprintf(path, sizeof path, "%s/pipe", cluster_conf(r->core.cluster)->provisioning_dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(r, "pipe", TFTP_ERR_NOT_FOUND);
}

static void
core_files_hands_lists_to_known_phones_only(void **state)
{
	struct core_rig *r = *state;
	struct cluster_list itl;

	assert_true(cluster_list(r->core.cluster, STORE_LIST_ITL, ENVELOPE_SHA1, &itl));
	assert_refused(r, "ITLSEP001122334455.tlv", TFTP_ERR_NOT_FOUND);
	assert_refused(r, "ITLFile.tlv", TFTP_ERR_NOT_FOUND);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_span_equal(ask(r, "ITLSEP001122334455.tlv").data, itl.file);
	assert_refused(r, "CTLSEP001122334455.tlv", TFTP_ERR_NOT_FOUND);
}

static bool
on_belief(void *arg, const struct store_belief *b)
{
	int64_t *last = arg;

	*last = b->list;
	return false;
}

static void
core_files_hands_a_ctl_out_as_an_itl_and_remembers_it(void **state)
{
	struct core_rig *r = *state;
	struct store *s = cluster_store(r->core.cluster);
	struct cluster_list ctl;
	struct phone p;
	int64_t held = 0;
	struct err e = { 0 };

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_ok(cluster_ctl_set_mode(r->core.cluster, true, core_now(), &e), e);
	assert_true(cluster_list(r->core.cluster, STORE_LIST_CTL, ENVELOPE_SHA1, &ctl));
	assert_span_equal(ask(r, "CTLSEP001122334455.tlv").data, ctl.file);
	assert_ok(store_belief_each(s, RIG_PHONE, on_belief, &held, &e), e);
	assert_true(held == ctl.id);
	assert_refused(r, "CTLFile.tlv", TFTP_ERR_NOT_FOUND);
	assert_refused(r, "CTLSEP001122334466.tlv", TFTP_ERR_NOT_FOUND);
	p = core_rig_record(r, RIG_PHONE);
	p.released = true;
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_refused(r, "CTLSEP001122334455.tlv", TFTP_ERR_NOT_FOUND);
	assert_true(ask(r, "ITLSEP001122334455.tlv").ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(core_files_serves_each_version_of_a_file_and_no_other),
		WITH_CORE(core_files_keeps_plain_and_signed_apart),
		WITH_CORE(core_files_hands_large_files_over_as_a_descriptor),
		WITH_CORE(core_files_reads_nothing_outside_the_folder),
		WITH_CORE(core_files_hands_lists_to_known_phones_only),
		WITH_CORE(core_files_hands_a_ctl_out_as_an_itl_and_remembers_it),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
