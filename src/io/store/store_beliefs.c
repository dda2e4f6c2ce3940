#include "store/store.h"

#include <stdlib.h>

bool
store_list_is_ctl(enum store_list_kind kind)
{
	return kind == STORE_LIST_CTL || kind == STORE_LIST_CTL_BRIDGE;
}

bool
store_belief_next(const char **lists, int64_t *list, bool *doubted)
{
	long long id;
	char *end;

	if (**lists == '\0')
		return false;
	id = strtoll(*lists, &end, 10);
	*list = llabs(id);
	*doubted = id < 0;
	*lists = *end == ',' ? end + 1 : end;
	return true;
}
