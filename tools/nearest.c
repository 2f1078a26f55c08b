#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lwl.h"

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

enum { LONGEST = 800 };		/* names that are longer are never mistyped, but wrong */

unsigned text_distance(const char *a, const char *b, unsigned limit)
{
	unsigned row[LONGEST + 1];
	size_t length = strlen(b), i, j;

	if (strlen(a) > LONGEST || length > LONGEST)
		return limit + 1;
	for (j = 0; j <= length; j++)
		row[j] = (unsigned)j;
	for (i = 0; a[i] != '\0'; i++) {
		unsigned diagonal = row[0], best;

		row[0] = best = (unsigned)i + 1;
		for (j = 0; j < length; j++) {
			unsigned above = row[j + 1];

			row[j + 1] = smallest(row[j] + 1, above + 1,
					      diagonal + (strncasecmp(a + i, b + j, 1) != 0));
			diagonal = above;
			if (row[j + 1] < best)
				best = row[j + 1];
		}
		if (best > limit)
			return limit + 1;
	}
	return row[length] > limit ? limit + 1 : row[length];
}

const char *nearest_name(const char *name, const char *(*get)(const void *context, uint32_t i),
			 const void *context, uint32_t count)
{
	unsigned limit = (unsigned)(strlen(name) > 120 ? 40 : strlen(name) / 3), best = limit + 1;
	const char *found = NULL;
	uint32_t i;

	for (i = 0; i < count && best > 0; i++) {
		const char *candidate = get(context, i);
		unsigned distance = text_distance(name, candidate, limit);

		if (distance < best) {
			best = distance;
			found = candidate;
		}
	}
	return found;
}
