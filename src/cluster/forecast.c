#include "cluster/forecast.h"

#include <stdlib.h>

void
forecast_free(struct forecast *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->group[i].lists);
	free(f->group);
	*f = (struct forecast){ 0 };
}
