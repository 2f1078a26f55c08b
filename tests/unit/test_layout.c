/* Sizes worked out by hand against layout.c, without a parser: models are built in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../idl/layout.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct type scalar(enum type_kind kind)
{
	struct type type = { .kind = kind, .min = 1, .max = 1 };

	layout_type(&type);
	return type;
}

static struct type shaped(struct type type, enum type_shape shape, uint32_t max)
{
	type.shape = shape;
	type.min = shape == SHAPE_LIST ? 0 : max;
	type.max = max;
	return type;
}

static struct type text(enum type_kind kind, uint32_t max)
{
	struct type type = { .kind = kind, .max = max };

	layout_type(&type);
	return type;
}

static struct type nested(const struct group *group)
{
	struct type type = { .kind = group->is_union ? TYPE_UNION : TYPE_GROUP, .min = 1, .max = 1 };

	type.group = group;
	layout_type(&type);
	return type;
}

static struct type list_of(const struct group *group, uint32_t max, uint32_t bytes)
{
	struct type type = shaped(nested(group), SHAPE_LIST, max);

	type.list_bytes = bytes;
	return type;
}

static void lay_out_one(struct group *group)
{
	layout_groups(&group, 1);
}

static void test_scalars(void **state)
{
	static const struct { enum type_kind kind; uint32_t size, payload; } cases[] = {
		{ TYPE_BOOL, 1, 4 }, { TYPE_U8, 1, 4 }, { TYPE_S8, 1, 4 }, { TYPE_U16, 2, 4 },
		{ TYPE_S16, 2, 4 }, { TYPE_U32, 4, 4 }, { TYPE_S32, 4, 4 }, { TYPE_F32, 4, 4 },
		{ TYPE_U64, 8, 8 }, { TYPE_S64, 8, 8 }, { TYPE_F64, 8, 8 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct type type = scalar(cases[i].kind);

		assert_int_equal(type.size, cases[i].size);
		assert_int_equal(type.align, cases[i].size);
		assert_int_equal(layout_payload(&type), cases[i].payload);
		assert_int_equal(layout_largest(&type, 0), cases[i].payload + cases[i].size);
	}
}

static void test_pad(void **state)
{
	(void)state;
	assert_int_equal(layout_pad(0), 0);
	assert_int_equal(layout_pad(1), 8);
	assert_int_equal(layout_pad(8), 8);
	assert_int_equal(layout_pad(65529), 65536);
	assert_true(layout_pad(UINT32_MAX) == UINT32_MAX);
}

static void test_leaf_items(void **state)
{
	struct type link = { .kind = TYPE_LINK, .max = 1 };
	struct enumeration small = { .underlying = TYPE_U16 };
	struct type of_enum = { .kind = TYPE_ENUM, .max = 1 };
	struct type type;

	(void)state;
	type = text(TYPE_STRING, 255);
	assert_int_equal(layout_largest(&type, 0), 259);
	type = text(TYPE_BYTES, 1);
	assert_int_equal(layout_largest(&type, 8), 5);
	type = shaped(scalar(TYPE_U8), SHAPE_ARRAY, 16);
	assert_int_equal(layout_largest(&type, 0), 20);
	type = shaped(scalar(TYPE_U64), SHAPE_LIST, 8000);
	assert_int_equal(layout_largest(&type, 0), 64008);
	layout_type(&link);
	assert_int_equal(layout_payload(&link), 8);
	assert_int_equal(layout_largest(&link, 0), 16);
	link = shaped(link, SHAPE_LIST, 3);
	assert_int_equal(layout_largest(&link, 0), 32);
	of_enum.enumeration = &small;
	layout_type(&of_enum);
	assert_int_equal(of_enum.size, 2);
	of_enum = shaped(of_enum, SHAPE_LIST, 5);
	assert_int_equal(layout_largest(&of_enum, 0), 14);
}

/* The compiler of these tests is the oracle for what C does; x86-64 only, as the rule is. */
struct time_in_c { int64_t sec; uint32_t nsec; };
struct stat_in_c {
	uint64_t ino; uint16_t type; uint8_t tag[3]; float weight[2]; struct time_in_c time; uint8_t end;
};

static void test_structure(void **state)
{
	struct struct_member time_members[2] = {
		{ .type = scalar(TYPE_S64) }, { .type = scalar(TYPE_U32) }
	};
	struct structure time = { .members = time_members, .member_count = 2 };
	struct type of_time = { .kind = TYPE_STRUCT, .min = 1, .max = 1 };
	struct type type;

	(void)state;
	assert_true(layout_structure(&time, time_members));
	assert_int_equal(time.size, 16);
	assert_int_equal(time.align, 8);
	assert_int_equal(time_members[0].hole, 0);
	assert_int_equal(time_members[1].offset, 8);
	assert_int_equal(time_members[1].hole, 4);
	assert_true(time.has_checks);
	of_time.structure = &time;
	layout_type(&of_time);
	assert_int_equal(layout_payload(&of_time), 8);
	assert_int_equal(layout_largest(&of_time, 0), 24);
	type = shaped(of_time, SHAPE_LIST, 4);
	assert_int_equal(layout_largest(&type, 0), 72);

	struct struct_member members[6] = {
		{ .type = scalar(TYPE_U64) }, { .type = scalar(TYPE_U16) },
		{ .type = shaped(scalar(TYPE_U8), SHAPE_ARRAY, 3) },
		{ .type = shaped(scalar(TYPE_F32), SHAPE_ARRAY, 2) },
		{ .type = of_time }, { .type = scalar(TYPE_U8) }
	};
	struct structure stat = { .members = members, .member_count = 6 };

	assert_true(layout_structure(&stat, members));
	assert_int_equal(members[1].offset, 8);
	assert_int_equal(members[2].offset, 10);
	assert_int_equal(members[2].hole, 3);
	assert_int_equal(members[3].offset, 16);
	assert_int_equal(members[4].offset, 24);
	assert_int_equal(members[5].offset, 40);
	assert_int_equal(members[5].hole, 7);
	assert_int_equal(stat.size, 48);
#if defined __x86_64__
	assert_int_equal(members[2].offset, offsetof(struct stat_in_c, tag));
	assert_int_equal(members[3].offset, offsetof(struct stat_in_c, weight));
	assert_int_equal(members[4].offset, offsetof(struct stat_in_c, time));
	assert_int_equal(members[5].offset, offsetof(struct stat_in_c, end));
	assert_int_equal(stat.size, sizeof(struct stat_in_c));
#endif
}

static void test_structure_checks(void **state)
{
	struct struct_member members[1] = { { .type = scalar(TYPE_U32) } };
	struct structure plain = { .members = members, .member_count = 1 };
	struct enumeration enumeration = { .underlying = TYPE_U8 };

	(void)state;
	assert_true(layout_structure(&plain, members));
	assert_false(plain.has_checks);
	members[0].type = scalar(TYPE_BOOL);
	assert_true(layout_structure(&plain, members));
	assert_true(plain.has_checks);
	assert_int_equal(plain.size, 1);
	members[0].type.kind = TYPE_ENUM;
	members[0].type.enumeration = &enumeration;
	assert_true(layout_structure(&plain, members));
	assert_true(plain.has_checks);
	enumeration.is_flexible = true;
	assert_true(layout_structure(&plain, members));
	assert_false(plain.has_checks);
}

static void test_structure_limit(void **state)
{
	struct struct_member members[2] = {
		{ .type = shaped(scalar(TYPE_U64), SHAPE_ARRAY, 8124) }, { .type = scalar(TYPE_U64) }
	};
	struct structure structure = { .members = members, .member_count = 2 };

	(void)state;
	assert_true(layout_structure(&structure, members));
	assert_int_equal(structure.size, 65000);
	members[1].type = shaped(scalar(TYPE_U64), SHAPE_ARRAY, 2);
	assert_false(layout_structure(&structure, members));
	members[0].type = shaped(scalar(TYPE_U64), SHAPE_ARRAY, 65535);
	assert_false(layout_structure(&structure, members));
}

static void test_group_pads_all_but_the_last(void **state)
{
	const struct field fields[] = {
		{ .number = 1, .type = scalar(TYPE_U8) },		/* 5, padded 8 */
		{ .number = 2, .type = text(TYPE_STRING, 9) },		/* 13, padded 16 */
		{ .number = 3, .type = scalar(TYPE_U16) }		/* 6 */
	};
	struct group message = { .fields = fields, .field_count = COUNT(fields) };

	(void)state;
	lay_out_one(&message);
	assert_int_equal(message.largest[0], 30);
	assert_int_equal(layout_message(&message), 46);
	assert_int_equal(layout_request_max(&message), 48 + 64);
	assert_int_equal(layout_response_max(&message), 296 + 64);
	for (unsigned depth = 0; depth <= MAX_DEPTH; depth++)
		assert_true(message.possible[depth]);
}

static void test_empty_message(void **state)
{
	struct group message = { .field_count = 0 };

	(void)state;
	lay_out_one(&message);
	assert_true(message.possible[0]);
	assert_int_equal(layout_message(&message), 16);
	assert_int_equal(layout_request_max(&message), 80);
}

static void test_nested_and_lists(void **state)
{
	const struct field entry_fields[] = {
		{ .number = 1, .type = text(TYPE_BYTES, 255) },		/* 259, padded 264 */
		{ .number = 2, .type = scalar(TYPE_U32) }		/* 8 */
	};
	struct group entry = { .fields = entry_fields, .field_count = COUNT(entry_fields) };
	const struct field fields[] = {
		{ .number = 1, .type = nested(&entry) },		/* 8 + 272 */
		{ .number = 2, .type = list_of(&entry, 3, 0), .presence = PRESENCE_LIST },
		{ .number = 3, .type = list_of(&entry, 1000, 1005), .presence = PRESENCE_LIST }
	};
	struct group message = { .fields = fields, .field_count = COUNT(fields) };
	struct group *groups[] = { &message, &entry };

	(void)state;
	layout_groups(groups, COUNT(groups));
	assert_int_equal(entry.largest[1], 272);
	assert_int_equal(layout_largest(&fields[0].type, 0), 280);
	assert_int_equal(layout_largest(&fields[1].type, 0), 840);
	/* 1005 leaves no more room than 1000: elements are padded. */
	assert_int_equal(layout_largest(&fields[2].type, 0), 1000);
	assert_int_equal(message.largest[0], 280 + 840 + 1000);
	/* At depth 8 nothing nests, so the required one makes the whole impossible. */
	assert_true(message.possible[7]);
	assert_false(message.possible[8]);
	assert_true(entry.possible[8]);
}

static void test_list_ends_where_its_last_element_does(void **state)
{
	const struct field entry_fields[] = { { .number = 1, .type = scalar(TYPE_U8) } };
	struct group entry = { .fields = entry_fields, .field_count = 1 };	/* 8 + 5, padded 16 */
	struct group *groups[] = { &entry };
	struct type list = list_of(&entry, 4, 0);

	(void)state;
	layout_groups(groups, 1);
	assert_int_equal(layout_largest(&list, 0), 3 * 16 + 13);
	list.list_bytes = 32;
	assert_int_equal(layout_largest(&list, 0), 32);
	list.list_bytes = 64;
	assert_int_equal(layout_largest(&list, 0), 61);
}

static void test_union_takes_its_largest(void **state)
{
	const struct field members[] = {
		{ .number = 1, .type = scalar(TYPE_U64) },		/* 16 */
		{ .number = 2, .type = text(TYPE_STRING, 17) },		/* 21 */
		{ .number = 3, .type = scalar(TYPE_U8) }
	};
	struct group choice = { .is_union = true, .fields = members, .field_count = COUNT(members) };
	const struct field fields[] = { { .number = 1, .type = nested(&choice) } };
	struct group message = { .fields = fields, .field_count = 1 };
	struct group *groups[] = { &message, &choice };

	(void)state;
	layout_groups(groups, COUNT(groups));
	assert_int_equal(choice.largest[1], 21);
	assert_int_equal(message.largest[0], 29);
}

/* Tree { 1: u64 value; 2: Tree? next; }: 16 and then 8 + the inner one, at each of 8 levels. */
static void test_recursion_ends_at_depth_8(void **state)
{
	struct field fields[] = {
		{ .number = 1, .type = scalar(TYPE_U64) },
		{ .number = 2, .presence = PRESENCE_OPTIONAL, .on_cycle = true }
	};
	struct group tree = { .fields = fields, .field_count = COUNT(fields) };
	const struct field root[] = { { .number = 1, .type = nested(&tree) } };
	struct group message = { .fields = root, .field_count = 1 };
	struct group *groups[] = { &message, &tree };

	(void)state;
	fields[1].type = nested(&tree);
	layout_groups(groups, COUNT(groups));
	for (unsigned depth = 1; depth <= MAX_DEPTH; depth++)
		assert_int_equal(tree.largest[depth], 16 + (MAX_DEPTH - depth) * 24);
	assert_int_equal(message.largest[0], 8 + 16 + 7 * 24);
	assert_int_equal(layout_largest(&fields[1].type, 8), 0);
}

static void test_union_of_what_fits_and_what_does_not(void **state)
{
	struct field members[] = { { .number = 1, .type = scalar(TYPE_U8) }, { .number = 2 } };
	struct group choice = { .is_union = true, .fields = members, .field_count = 2 };
	struct field fields[] = { { .number = 1, .type = nested(&choice) } };
	struct group list = { .fields = fields, .field_count = 1 };
	struct group *groups[] = { &list, &choice };

	(void)state;
	members[1].type = nested(&list);
	layout_groups(groups, COUNT(groups));
	assert_true(choice.possible[8]);
	assert_int_equal(choice.largest[8], 5);
	assert_false(list.possible[8]);
	assert_true(list.possible[7]);
	assert_int_equal(list.largest[7], 13);
	assert_int_equal(choice.largest[7], 5);		/* the list it could hold has no room */
	assert_int_equal(choice.largest[6], 8 + 13);
}

static void test_saturation(void **state)
{
	struct field fields[] = {
		{ .number = 1, .type = text(TYPE_BYTES, 65531) }, { .number = 2, .presence = PRESENCE_LIST }
	};
	struct group tree = { .fields = fields, .field_count = COUNT(fields) };
	struct group *groups[] = { &tree };

	(void)state;
	fields[1].type = list_of(&tree, 65535, 0);
	layout_groups(groups, 1);
	assert_true(tree.largest[0] == UINT32_MAX);
	assert_true(layout_message(&tree) == UINT32_MAX);
	assert_true(layout_request_max(&tree) == UINT32_MAX);
	fields[1].type.list_bytes = 1000;
	layout_groups(groups, 1);
	assert_int_equal(tree.largest[0], 65536 + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_pad),
		cmocka_unit_test(test_leaf_items),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_structure_checks),
		cmocka_unit_test(test_structure_limit),
		cmocka_unit_test(test_group_pads_all_but_the_last),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_nested_and_lists),
		cmocka_unit_test(test_list_ends_where_its_last_element_does),
		cmocka_unit_test(test_union_takes_its_largest),
		cmocka_unit_test(test_recursion_ends_at_depth_8),
		cmocka_unit_test(test_union_of_what_fits_and_what_does_not),
		cmocka_unit_test(test_saturation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
