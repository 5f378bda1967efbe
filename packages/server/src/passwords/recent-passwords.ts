/**
 * Passwords among the most used of 2020 to 2025, by the lists published each year, which are neither
 * in Django's list nor in the package's. Lower case, separated by spaces.
 */
export const RECENT_PASSWORDS = `
123456a@ 123456aa@ 12345678@ 123admin 123meklozed 20100728 22535 2402301978 686584 868689849
aa102030 aa112233 aa12345678 aa1234567 aa195043 aa@123456 aa@12345 aa@1234567 aa@123456789
abc@1234 abc@12345 abcd1234@ aboy1234 adam2312 admin12345 admin123456 adminadmin adminhw adminisp
admintelecom ar123455 bangbang123 chatbooks cindylee1 contraseña eliska81 flores123 g_czechout
global123@ guru123456 gvt12345 heslo1234 jimjim30 jobandtalent kapler123 maggieown menara omgpop
p@55w0rd qwer123456 theworldinyourhand turktelekom ubnt undefined user1234 zinch
`;
