/*
 * Changes to messages.  Some change bytes; others change items and make the lengths around them right
 * again, so that what is wrong is not found at the first length.
 */
#include "test.h"

enum { ITEMS_MAX = 20000, PAYLOAD_MAX = 64 };

/* An item as it will be written; children follow it, one level deeper. */
struct item {
	uint16_t id;
	uint8_t level;
	uint8_t wrong_length;		/* added to the right one */
	uint8_t dirt;			/* 0, or what the first padding byte becomes */
	uint8_t links;			/* 0: keep L as it should be; 1: as it is in id */
	const uint8_t *payload;		/* of leaves and links: behind the four bytes of the header */
	uint32_t length;		/* of the payload */
};

static struct item items[ITEMS_MAX], spare[ITEMS_MAX];
static uint32_t item_count;
static uint8_t made[ITEMS_MAX / 100 * PAYLOAD_MAX], copy[MESSAGE_BYTES];
static uint32_t made_count;

/* ---- bytes to items ---- */

static bool parse(const uint8_t *msg, uint32_t at, uint32_t end, uint8_t level)
{
	while (at < end) {
		uint32_t length;
		struct item *item = &items[item_count];

		if (end - at < 4 || item_count == ITEMS_MAX || level > LWL_DEPTH_MAX)
			return false;
		length = lwl_load16(msg + at + 2);
		if (length < 4 || length > end - at)
			return false;
		memset(item, 0, sizeof *item);
		item->id = lwl_load16(msg + at);
		item->level = level;
		item_count++;
		if ((item->id & LWL_ITEM_GROUP) == 0) {
			item->payload = msg + at + 4;
			item->length = length - 4;
		} else if (length < 8 || !parse(msg, at + 8, at + length, (uint8_t)(level + 1))) {
			return false;
		}
		at += lwl_padded(length);
	}
	return true;
}

/* ---- items to bytes ---- */

struct output_message {
	uint8_t *msg;
	uint32_t end;
	bool full;
};

static void write_bytes(struct output_message *o, const void *data, uint32_t size)
{
	if (size > LWL_MESSAGE_MAX - o->end) {
		o->full = true;
		return;
	}
	if (data != NULL && size > 0)
		memcpy(o->msg + o->end, data, size);
	else
		memset(o->msg + o->end, 0, size);
	o->end += size;
}

/* The items of one level from `*i` on; returns whether there were linkids. */
static bool write_items(struct output_message *o, uint32_t *i, uint8_t level)
{
	bool links = false;
	uint8_t dirt = 0;

	while (*i < item_count && items[*i].level >= level && !o->full) {
		const struct item *item = &items[(*i)++];
		uint32_t padding = lwl_padded(o->end) - o->end, at;
		uint8_t head[8] = { 0 };
		bool inside;

		write_bytes(o, NULL, padding);
		if (dirt != 0 && padding > 0)
			o->msg[o->end - padding] = dirt;
		dirt = item->dirt;
		at = o->end;
		lwl_store16(head, item->id);
		if ((item->id & LWL_ITEM_GROUP) == 0) {
			write_bytes(o, head, 4);
			write_bytes(o, item->payload, item->length);
			inside = (item->id & LWL_ITEM_LINKS) != 0;
		} else {
			write_bytes(o, head, 8);
			inside = write_items(o, i, (uint8_t)(item->level + 1));
		}
		if (o->full)
			return links;
		lwl_store16(o->msg + at + 2, (uint16_t)(o->end - at + item->wrong_length));
		if ((item->id & LWL_ITEM_GROUP) != 0 && item->links == 0)
			lwl_store16(o->msg + at, (uint16_t)((item->id & ~LWL_ITEM_LINKS) |
							    (inside ? LWL_ITEM_LINKS : 0)));
		links = links || inside;
	}
	return links;
}

static bool write_message(uint8_t *msg, size_t *len)
{
	struct output_message o = { msg, LWL_HEADER_SIZE, false };
	uint32_t i = 0;

	write_items(&o, &i, 0);
	if (o.full)
		return false;
	lwl_store16(msg + 14, (uint16_t)o.end);
	*len = lwl_padded(o.end);
	memset(msg + o.end, 0, *len - o.end);
	return true;
}

/* ---- changes to items ---- */

/* The item behind `i` and everything in it. */
static uint32_t behind(uint32_t i)
{
	uint32_t k = i + 1;

	while (k < item_count && items[k].level > items[i].level)
		k++;
	return k;
}

static void remove_items(uint32_t i)
{
	uint32_t next = behind(i);

	memmove(items + i, items + next, (item_count - next) * sizeof *items);
	item_count -= next - i;
}

/* Put a copy of `count` items from spare at `i`. */
static void insert_items(uint32_t i, uint32_t count)
{
	if (item_count + count > ITEMS_MAX)
		return;
	memmove(items + i + count, items + i, (item_count - i) * sizeof *items);
	memcpy(items + i, spare, count * sizeof *items);
	item_count += count;
}

/* Once more, or so often that a list gets too long. */
static void double_items(uint32_t i)
{
	uint32_t next = behind(i), copies = random_chance(20) ? 1 + random_below(400) : 1;
	uint32_t place = random_chance(80) ? next : random_below(item_count + 1);

	memcpy(spare, items + i, (next - i) * sizeof *items);
	for (; copies > 0; copies--)
		insert_items(place, next - i);
}

static void swap_items(uint32_t i)
{
	uint32_t next = behind(i), last;

	if (next >= item_count || items[next].level != items[i].level)
		return;
	last = behind(next);
	memcpy(spare, items + i, (next - i) * sizeof *items);
	memmove(items + i, items + next, (last - next) * sizeof *items);
	memcpy(items + i + last - next, spare, (next - i) * sizeof *items);
}

static const uint8_t *make_payload(uint32_t length)
{
	uint8_t *payload = made + made_count;
	uint32_t i;

	if (length > sizeof made - made_count)
		return NULL;
	for (i = 0; i < length; i++)
		payload[i] = random_chance(60) ? 0 : (uint8_t)random_bits();
	made_count += length;
	return payload;
}

/* An item of any kind beside `i`, or inside it. */
static void insert_item(uint32_t i)
{
	static const uint16_t numbers[] = { 1, 2, 100, 0x3eff, 0x3f01, 0x3f02, 0x3f03, 0x3f04, 0x3fff };
	struct item *item = &spare[0];
	uint32_t place = i;

	memset(item, 0, sizeof *item);
	item->id = random_chance(50) ? numbers[random_below(9)] : (uint16_t)random_below(12);
	if (random_chance(30))
		item->id |= LWL_ITEM_GROUP;
	else if (random_chance(30))
		item->id |= LWL_ITEM_LINKS;
	item->length = (item->id & LWL_ITEM_LINKS) != 0 ? 4 + 8 * random_below(3) : random_below(28);
	item->payload = make_payload(item->length);
	if (item->payload == NULL)
		return;
	if (random_chance(70)) {		/* where its number belongs */
		item->level = random_chance(50) ? items[i].level : 0;
		for (place = 0; place < item_count; place++)
			if (items[place].level == item->level &&
			    (items[place].id & LWL_ITEM_NUMBER) > (item->id & LWL_ITEM_NUMBER))
				break;
	} else {
		item->level = items[i].level;
	}
	insert_items(place, 1);
}

static void wrap_item(uint32_t i)
{
	uint32_t k, next = behind(i);

	for (k = i; k < next; k++)
		items[k].level++;
	memset(spare, 0, sizeof *spare);
	spare[0].id = items[i].id | LWL_ITEM_GROUP;
	spare[0].level = (uint8_t)(items[i].level - 1);
	insert_items(i, 1);
}

static void resize_payload(uint32_t i)
{
	static const int steps[] = { -8, -4, -1, 1, 4, 8, 200 };
	int step = steps[random_below(7)];
	uint32_t length = items[i].length;
	uint8_t *payload;

	if (step < 0 && length < (uint32_t)-step)
		step = 1;
	length = (uint32_t)((int)length + step);
	payload = (uint8_t *)(uintptr_t)make_payload(length);
	if (payload == NULL)
		return;
	memcpy(payload, items[i].payload, items[i].length < length ? items[i].length : length);
	items[i].payload = payload;
	items[i].length = length;
}

static void change_payload(uint32_t i)
{
	static const uint8_t bytes[] = { 0, 1, 2, 3, 0x7f, 0x80, 0xc0, 0xe0, 0xed, 0xf4, 0xff };
	uint32_t length = items[i].length;
	uint8_t *payload = (uint8_t *)(uintptr_t)make_payload(length);

	if (payload == NULL || length == 0)
		return;
	memcpy(payload, items[i].payload, length);
	payload[random_below(length)] = random_chance(70) ? bytes[random_below(11)]
							  : (uint8_t)random_bits();
	items[i].payload = payload;
}

static void change_items(void)
{
	uint32_t i = random_below(item_count);
	bool group = (items[i].id & LWL_ITEM_GROUP) != 0;

	switch (random_below(14)) {
	case 0: remove_items(i); return;
	case 1: case 2: double_items(i); return;
	case 3: swap_items(i); return;
	case 4: case 5: insert_item(i); return;
	case 6: wrap_item(i); return;
	case 7:
		items[i].id = (uint16_t)(items[i].id / 0x4000u * 0x4000u + random_below(12));
		return;
	case 8:
		items[i].id ^= LWL_ITEM_LINKS;
		items[i].links = 1;
		return;
	case 9: items[i].wrong_length = (uint8_t)random_bits(); return;
	case 10: items[i].dirt = (uint8_t)random_bits(); return;
	case 11:
		if (group)
			return;
		resize_payload(i);
		return;
	default:
		if (!group)
			change_payload(i);
		return;
	}
}

/* ---- changes to bytes ---- */

static void set_length(uint8_t *msg, size_t *len, uint32_t length)
{
	lwl_store16(msg + 14, (uint16_t)length);
	if (lwl_padded(length) > *len)
		memset(msg + *len, 0, lwl_padded(length) - *len);
	*len = lwl_padded(length);
}

static void change_bytes(uint8_t *msg, size_t *len)
{
	uint32_t at = random_below((uint32_t)*len);

	switch (random_below(5)) {
	case 0:
		msg[at] ^= (uint8_t)(1u << random_below(8));
		break;
	case 1:
		msg[at] = (uint8_t)random_bits();
		break;
	case 2:				/* cut off, and the length says so, or not */
		if (random_chance(50) && at >= LWL_HEADER_SIZE)
			set_length(msg, len, at);
		else
			*len = at;
		break;
	case 3:
		set_length(msg, len, lwl_load16(msg + 14) + random_below(9));
		break;
	default:
		if (at / 2 * 2 + 2 <= *len)
			lwl_store16(msg + at / 2 * 2, (uint16_t)random_below(40));
		break;
	}
}

void mutate(uint8_t *msg, size_t *len)
{
	uint32_t changes = 1 + random_below(3);
	uint32_t length = lwl_load16(msg + 14);

	memcpy(copy, msg, *len);
	item_count = 0;
	made_count = 0;
	if (random_chance(75) && parse(copy, LWL_HEADER_SIZE, length, 0)) {
		for (; changes > 0; changes--) {
			if (item_count == 0) {
				items[0].level = 0;
				insert_item(0);
			} else {
				change_items();
			}
		}
		if (write_message(msg, len) && random_chance(90))
			return;
	}
	if (*len >= LWL_HEADER_SIZE && lwl_load16(msg + 14) <= LWL_MESSAGE_MAX - 16)
		change_bytes(msg, len);
}
