# Unions inside unions, a thousand of them.
{
	echo 'library bad version 1;'
	echo 'group Deep {'
	awk 'BEGIN { for (i = 0; i < 1000; i++) print "1: union {" }'
	echo '1: u8 bottom;'
	awk 'BEGIN { for (i = 0; i < 1000; i++) print "} inner;" }'
	echo '}'
} >L0008.lwl
