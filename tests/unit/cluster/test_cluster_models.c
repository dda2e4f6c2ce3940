/* models.csv of the cluster's folder, read over the table that the program brings along. */
#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#define HEADER \
	"model,family,sbd,digests,tls,ec,key-max,encrypted-config,list-version,erase-lists," \
	"factory-reset\n"

static void
models_write(const struct fixture *f, const char *text)
{
	char path[PATH_LEN];
	FILE *out = fopen(tempdir_path(f->path, "models.csv", path, sizeof path), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char *
family_of(const struct fixture *f, const char *model)
{
	const struct model *m = modeltable_find(cluster_models(f->cluster), model);

	return m != NULL ? m->cell[MODELTABLE_FAMILY].value : "unknown";
}

static void
cluster_models_are_those_of_the_program_at_first(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(family_of(f, "8861"), "8800");
	assert_string_equal(family_of(f, "4711"), "unknown");
}

static void
cluster_models_are_read_again_with_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	models_write(f,
	    HEADER "4711,4700/a,no/a,sha1/a,1.0/a,no/a,2048/a,no/a,1.2/a,none/a,none/a\n"
		   "8861,8899/d,no/a,sha1/a,1.0/a,no/a,2048/a,no/a,1.2/a,none/a,none/a\n");
	assert_ok(cluster_reload(f->cluster, NOW, &e), e);
	assert_string_equal(family_of(f, "4711"), "4700");
	assert_string_equal(family_of(f, "CP-8861"), "8899");
	assert_string_equal(family_of(f, "8845"), "8800");
	models_write(f, HEADER "8845,x\n");
	assert_fails(cluster_reload(f->cluster, NOW, &e), e, ERR_MALFORMED, "models.csv: ");
	assert_string_equal(family_of(f, "4711"), "4700");
	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_fails(cluster_open(f->path, &f->cluster, &e), e, ERR_MALFORMED, "models.csv: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_models_are_those_of_the_program_at_first),
		WITH_COPY(cluster_models_are_read_again_with_the_configuration),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
