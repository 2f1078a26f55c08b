/*
 * Error numbers and mistakes in bytes: their names and texts, and what the host calls them.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include <lwlink/wire.h>

static int magnitude(int error)
{
	return error < 0 && error >= -INT_MAX ? -error : error;
}

const char *lwl_error_name(int error)
{
	switch (magnitude(error)) {
#define NAME(name, number) case number: return #name;
	LWL_ERRNO_POSIX_LIST(NAME)
	LWL_ERRNO_OTHER_LIST(NAME)
#undef NAME
#define NAME(name, number, text) case number: return #name;
	LWL_ERROR_LIST(NAME)
#undef NAME
	default: return NULL;
	}
}

const char *lwl_strerror(int error)
{
	error = magnitude(error);
	switch (error) {
	case 0: return "no error";
#define TEXT(name, number, text) case number: return text;
	LWL_ERROR_LIST(TEXT)
#undef TEXT
	default: break;
	}
	if (lwl_error_name(error) == NULL)
		return "unknown error";
	return strerror(lwl_error_to_errno(error));
}

int lwl_error_to_errno(int error)
{
	switch (magnitude(error)) {
#define HOST(name, number) case number: return name;
	LWL_ERRNO_POSIX_LIST(HOST)
#ifdef __linux__
	LWL_ERRNO_OTHER_LIST(HOST)
#endif
#undef HOST
	default: return EIO;
	}
}

int lwl_error_from_errno(int host_errno)
{
	int number;

	/* Not a second switch: on some hosts two names share a value. */
	for (number = 1; number <= LWL_ERRNO_MAX; number++)
		if (lwl_error_name(number) != NULL && lwl_error_to_errno(number) == host_errno)
			return number;
	return LWL_EIO;
}

/* Indexed by enum lwl_bad. */
static const struct {
	const char *name, *text;
	bool structural;
} mistakes[] = {
	{ "NONE", "nothing is wrong", false },
#define MISTAKE(name, structural, text) { #name, text, structural },
	LWL_BAD_LIST(MISTAKE)
#undef MISTAKE
};

static bool known(enum lwl_bad bad)
{
	return (unsigned)bad < LWL_BAD_END_OF_LIST;
}

const char *lwl_bad_name(enum lwl_bad bad)
{
	return known(bad) ? mistakes[bad].name : "?";
}

const char *lwl_bad_text(enum lwl_bad bad)
{
	return known(bad) ? mistakes[bad].text : "unknown mistake";
}

bool lwl_bad_is_structural(enum lwl_bad bad)
{
	return known(bad) && mistakes[bad].structural;
}

size_t lwl_error_format(char *buf, size_t size, const struct lwl_error *err)
{
	char path[(LWL_DEPTH_MAX + 1) * sizeof "65535[65535]."];
	size_t length = 0;
	uint32_t i;
	int n;

	path[0] = '\0';
	for (i = 0; i < err->depth && i <= LWL_DEPTH_MAX; i++) {
		const struct lwl_step *step = &err->path[i];

		n = snprintf(path + length, sizeof path - length, "%s%u", i > 0 ? "." : ", item ",
			     (unsigned)step->number);
		length += (size_t)n;
		if (step->index > 0) {
			n = snprintf(path + length, sizeof path - length, "[%u]",
				     (unsigned)step->index);
			length += (size_t)n;
		}
	}
	n = snprintf(buf, size, "%s at offset %lu%s: %s", lwl_bad_name(err->bad),
		     (unsigned long)err->offset, path, lwl_bad_text(err->bad));
	return n < 0 ? 0 : (size_t)n;
}
