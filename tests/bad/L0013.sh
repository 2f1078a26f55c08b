{
	echo 'library bad version 1;'
	echo 'enum Many : u64 {'
	echo '	ONE = 1;'
	awk 'BEGIN { for (i = 0; i < 18751; i++) print "	reserved " 4*i+2 ", " 4*i+3 ", " 4*i+4 ", " 4*i+5 ";" }'
	echo '}'
} >L0013.lwl
