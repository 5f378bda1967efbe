<?php
// php -S 127.0.0.1:9000 identity.php: says whom the headers of a request name.
header('Content-Type: application/json');
$named = fn (string $name) => isset($_SERVER[$name]) ? [$_SERVER[$name]] : [];
echo json_encode([
    'user' => $named('HTTP_X_GATEPASS_USER_ID'),
    'session' => $named('HTTP_X_GATEPASS_SESSION_ID'),
    'role' => $named('HTTP_X_GATEPASS_CLAIM_ROLE'),
]);
