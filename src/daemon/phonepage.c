#include "daemon/phonepage.h"

#include "base/mem.h"
#include "daemon/commands.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX 1000 /* phones that one call looks at: about 20 ms */

static bool
add_names(struct phonefilter *f, const json_t *names, struct err *e)
{
	size_t count = json_array_size(names), i;
	const char **all;
	json_t *one;

	if (count > PHONEPAGE_NAMES_MAX)
		return err_set(
		    e, ERR_LIMIT, "%zu names; at most %d at once", count, PHONEPAGE_NAMES_MAX);
	all = mem_new(count + 1, sizeof *all);
	json_array_foreach((json_t *)(uintptr_t)names, i, one)
	{
		all[i] = json_string_value(one);
		if (all[i] == NULL) {
			free(all);
			return err_set(e, ERR_MALFORMED, "names: expected texts");
		}
	}
	phonefilter_only(f, all, count);
	free(all);
	return true;
}

bool
phonepage_filter(const json_t *args, struct phonefilter **out, struct err *e)
{
	const json_t *names = json_object_get(args, "names");

	if (!phonefilter_parse(args_text(args, "filter"), core_now(), out, e))
		return false;
	if (names == NULL || add_names(*out, names, e))
		return true;
	phonefilter_free(*out);
	*out = NULL;
	return false;
}

struct page {
	struct core *core;
	const json_t *args;
	const struct phonefilter *filter;
	phonepage_show *show;
	json_t *phones;
	size_t looked_at;
	char last[DEVICE_NAME_MAX];
	struct err *e;
	bool failed;
};

static bool
page_add(void *arg, const struct phone *p)
{
	struct page *page = arg;
	json_t *one;

	page->looked_at++;
	memcpy(page->last, p->device.name, sizeof page->last);
	if (!phonefilter_fits(page->filter, p))
		return true;
	page->failed = !page->show(page->core, page->args, p, &one, page->e);
	if (!page->failed && one != NULL)
		json_array_append_new(page->phones, one);
	return !page->failed;
}

bool
phonepage_run(
    struct core *c, const json_t *args, phonepage_show *show, json_t **result, struct err *e)
{
	struct page page = { .core = c, .args = args, .show = show, .e = e };
	struct phonefilter *filter;
	bool ok;

	if (!phonepage_filter(args, &filter, e))
		return false;
	page.filter = filter;
	page.phones = json_array();
	ok = store_phone_each_after(cluster_store(c->cluster), args_text(args, "after"), PAGE_MAX,
		 page_add, &page, e) &&
	     !page.failed;
	phonefilter_free(filter);
	if (!ok) {
		json_decref(page.phones);
		return false;
	}
	*result = json_pack("{s:o, s:o}", "phones", page.phones, "next",
	    page.looked_at == PAGE_MAX ? json_string(page.last) : json_null());
	return true;
}
