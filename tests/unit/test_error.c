/* Error numbers, their names and texts, the host's errno, and mistakes as text. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lwlink/wire.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_names(void **state)
{
	static const struct { int number; const char *name; } cases[] = {
		{ LWL_EPERM, "EPERM" }, { LWL_ENOENT, "ENOENT" }, { 15, "ENOTBLK" }, { 11,
		  "EAGAIN" },
		{ 133, "EHWPOISON" }, { LWL_EUNKNOWN, "EUNKNOWN" }, { LWL_EINTERFACE,
		  "EINTERFACE" },
		{ 4097, "ENOENDPOINT" }, { 0, NULL }, { 41, NULL }, { 58, NULL }, { 134, NULL },
		{ 4095, NULL }, { 4108, NULL }, { INT_MAX, NULL }
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		int sign;

		for (sign = -1; sign <= 1; sign += 2) {
			const char *name = lwl_error_name(sign * cases[i].number);

			if (cases[i].name == NULL)
				assert_null(name);
			else
				assert_string_equal(name, cases[i].name);
		}
	}
	assert_null(lwl_error_name(INT_MIN));
}

static void test_texts(void **state)
{
	int i;

	(void)state;
	assert_string_equal(lwl_strerror(0), "no error");
	assert_string_equal(lwl_strerror(LWL_ENOENT), strerror(ENOENT));
	assert_string_equal(lwl_strerror(-LWL_ENOENDPOINT), "no such end point");
	assert_string_equal(lwl_strerror(4102), "deadline passed");
	assert_string_equal(lwl_strerror(41), "unknown error");
	assert_string_equal(lwl_strerror(INT_MIN), "unknown error");
	assert_string_equal(lwl_strerror(INT_MAX), "unknown error");
	for (i = -5000; i < 5000; i++) {
		assert_non_null(lwl_strerror(i));
		assert_true(strlen(lwl_strerror(i)) > 0);
	}
}

static void test_own_numbers(void **state)
{
#define SAME(name, number, text) \
	assert_int_equal(LWL_##name, number); \
	assert_string_equal(lwl_error_name(number), #name); \
	assert_string_equal(lwl_strerror(-(number)), text);
	(void)state;
	LWL_ERROR_LIST(SAME)
#undef SAME
}

/* On Linux the generic numbers are the host's, except on a few machines. */
static void test_errno(void **state)
{
	int number;

	(void)state;
#define HOST(name, number) \
	assert_int_equal(lwl_error_to_errno(number), name); \
	assert_int_equal(lwl_error_to_errno(-(number)), name); \
	assert_int_equal(lwl_error_from_errno(name), number); \
	assert_string_equal(lwl_error_name(number), #name);
	LWL_ERRNO_POSIX_LIST(HOST)
#ifdef __linux__
	LWL_ERRNO_OTHER_LIST(HOST)
#endif
#undef HOST
	assert_int_equal(lwl_error_from_errno(EWOULDBLOCK), LWL_EAGAIN);
	assert_int_equal(lwl_error_from_errno(ENOTSUP), LWL_EOPNOTSUPP);
	for (number = -6000; number < 6000; number++) {
		int host = lwl_error_to_errno(number);

		assert_true(host > 0);
		if (lwl_error_name(number) == NULL || abs(number) > LWL_ERRNO_MAX)
			assert_int_equal(host, EIO);
		else
			assert_int_equal(lwl_error_from_errno(host), abs(number));
	}
	assert_int_equal(lwl_error_to_errno(INT_MIN), EIO);
	assert_int_equal(lwl_error_to_errno(INT_MAX), EIO);
	assert_int_equal(lwl_error_from_errno(0), LWL_EIO);
	assert_int_equal(lwl_error_from_errno(-1), LWL_EIO);
	assert_int_equal(lwl_error_from_errno(INT_MIN), LWL_EIO);
	assert_int_equal(lwl_error_from_errno(INT_MAX), LWL_EIO);
	assert_int_equal(lwl_error_from_errno(4096), LWL_EIO);
}

static void test_mistakes(void **state)
{
	int bad;

	(void)state;
	assert_string_equal(lwl_bad_name(LWL_BAD_ORDER), "ORDER");
	assert_string_equal(lwl_bad_text(LWL_BAD_ORDER), "item numbers do not ascend");
	assert_string_equal(lwl_bad_name(LWL_BAD_NONE), "NONE");
	assert_false(lwl_bad_is_structural(LWL_BAD_NONE));
	for (bad = 0; bad < LWL_BAD_END_OF_LIST; bad++) {
		assert_true(strlen(lwl_bad_name((enum lwl_bad)bad)) > 2);
		assert_true(strlen(lwl_bad_text((enum lwl_bad)bad)) > 2);
	}
#define SAME(name, structural, text) \
	assert_string_equal(lwl_bad_name(LWL_BAD_##name), #name); \
	assert_string_equal(lwl_bad_text(LWL_BAD_##name), text); \
	assert_int_equal(lwl_bad_is_structural(LWL_BAD_##name), structural);
	LWL_BAD_LIST(SAME)
#undef SAME
	/* Structural ones come first, and are these; the protocol's page names them. */
	for (bad = 1; bad < LWL_BAD_END_OF_LIST; bad++)
		assert_int_equal(lwl_bad_is_structural((enum lwl_bad)bad), bad <= LWL_BAD_LINKID);
	assert_string_equal(lwl_bad_name(LWL_BAD_END_OF_LIST), "?");
	assert_non_null(lwl_bad_text(LWL_BAD_END_OF_LIST));
	assert_false(lwl_bad_is_structural(LWL_BAD_END_OF_LIST));
}

static void test_format(void **state)
{
	struct lwl_error err = { LWL_BAD_ORDER, 48, 2, { { 2, 3 }, { 1, 0 } }, { NULL, 0 } };
	static const char expected[] =
		"ORDER at offset 48, item 2[3].1: item numbers do not ascend";
	char text[400];
	size_t size;
	uint32_t i;

	(void)state;
	assert_int_equal(lwl_error_format(text, sizeof text, &err), sizeof expected - 1);
	assert_string_equal(text, expected);
	assert_int_equal(lwl_error_format(NULL, 0, &err), sizeof expected - 1);
	for (size = 1; size <= sizeof expected + 3; size++) {
		char *cut = malloc(size);
		size_t length = size < sizeof expected ? size - 1 : sizeof expected - 1;

		assert_non_null(cut);
		assert_int_equal(lwl_error_format(cut, size, &err), sizeof expected - 1);
		assert_int_equal(strlen(cut), length);
		assert_memory_equal(cut, expected, length);
		free(cut);
	}
	err.depth = 0;
	lwl_error_format(text, sizeof text, &err);
	assert_string_equal(text, "ORDER at offset 48: item numbers do not ascend");
	/* The longest path, and one that claims to be longer. */
	for (i = 0; i <= LWL_DEPTH_MAX; i++)
		err.path[i].number = err.path[i].index = 65535;
	err.depth = LWL_DEPTH_MAX + 1;
	err.offset = UINT32_MAX;
	err.bad = LWL_BAD_END_OF_LIST;
	assert_true(lwl_error_format(text, sizeof text, &err) < sizeof text);
	assert_string_equal(text, "? at offset 4294967295, item "
			    "65535[65535].65535[65535].65535[65535].65535[65535].65535[65535]."
			    "65535[65535].65535[65535].65535[65535].65535[65535]: unknown mistake");
	err.depth = UINT32_MAX;
	assert_true(lwl_error_format(text, sizeof text, &err) < sizeof text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_texts),
		cmocka_unit_test(test_own_numbers), cmocka_unit_test(test_errno),
		cmocka_unit_test(test_mistakes), cmocka_unit_test(test_format)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
