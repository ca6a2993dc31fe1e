# The 34 filters of seed/auditgen: the id of a check for each event it finds.
def among($list): . as $v | any($list[]; . == $v);
def begins($list): . as $v | any($list[]; . as $p | $v | startswith($p));
.verb as $verb | .user.username as $user | .objectRef.resource as $res | .objectRef.subresource as $sub
| .responseStatus.code as $code | (.sourceIPs[0] // null) as $ip
| ($user != null and ($user | startswith("system:") | not)) as $human
| ($code != null and $code < 300) as $ok
| ($verb == "create" or $verb == "update" or $verb == "patch" or $verb == "delete" or $verb == "deletecollection") as $writes
| (if $res == "pods" then
    if $sub == "exec" and $human and ($verb == "create" or $verb == "get") then "F01" else empty end,
    if $verb == "create" and $sub == null and any(.requestObject.spec.containers[]?; .securityContext.privileged == true) then "F08" else empty end,
    if $verb == "create" and any(.requestObject.spec.volumes[]?; .hostPath.path != null) then "F11" else empty end,
    if $verb == "create" and any(.requestObject.spec.containers[]?.image; startswith("registry.corp.example/") | not) then "F12" else empty end,
    if $sub == "portforward" and $human then "F13" else empty end,
    if $verb == "deletecollection" and $human then "F16" else empty end,
    if $sub == "ephemeralcontainers" then "F24" else empty end,
    if $sub == "attach" and $human then "F33" else empty end
  else
    if $res == "secrets" and $human and $ok and ($verb == "get" or $verb == "list" or $verb == "watch") then "F02" else empty end,
    if $res == "clusterrolebindings" and $ok and ($verb == "create" or $verb == "update" or $verb == "patch") then "F03" else empty end,
    if $res == "namespaces" and $verb == "delete" and $ok then "F06" else empty end,
    if $human and ($verb == "delete" or $verb == "deletecollection") and ($res | among(["events", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"])) then "F10" else empty end,
    if $res == "serviceaccounts" and $sub == "token" and $verb == "create" and $human then "F14" else empty end,
    if $res == "certificatesigningrequests" and $sub == "approval" then "F15" else empty end,
    if $res == "configmaps" and $writes and $human and .objectRef.namespace == "kube-system" then "F20" else empty end,
    if ($res == "roles" or $res == "clusterroles") and ($verb == "create" or $verb == "update") and any(.requestObject.rules[]?.verbs[]?; . == "*") then "F21" else empty end,
    if $res == "rolebindings" and ($verb == "create" or $verb == "update") and any(.requestObject.subjects[]?.name; . == "system:authenticated" or . == "system:unauthenticated") then "F22" else empty end,
    if $res == "nodes" and $sub == "proxy" then "F23" else empty end,
    if $res == "customresourcedefinitions" and $verb == "delete" then "F25" else empty end,
    if $res == "persistentvolumes" and $verb == "delete" and $human then "F26" else empty end,
    if ($res == "resourcequotas" or $res == "limitranges") and ($verb == "update" or $verb == "patch" or $verb == "delete") then "F27" else empty end,
    if $res == "deployments" and $human and ($verb == "create" or $verb == "update") and .requestObject.kind != null and .requestObject.metadata.annotations["change.corp/ticket"] == null then "F34" else empty end
  end),
  if $user == "system:anonymous" and $ok and (.requestURI | begins(["/livez", "/readyz", "/healthz", "/version"]) | not) then "F04" else empty end,
  if any(.user.groups[]?; . == "system:masters") then "F05" else empty end,
  if .impersonatedUser.username != null then "F07" else empty end,
  if $code == 403 and $human and .annotations["authorization.k8s.io/decision"] == "forbid" then "F09" else empty end,
  if .userAgent | (contains("curl/") or contains("python-requests")) then "F17" else empty end,
  if $ip != null and $code != null and $code < 400 and ($ip | begins(["10.", "192.168.", "172.16."]) | not) then "F18" else empty end,
  if $user == "system:anonymous" and $code == 403 then "F19" else empty end,
  if $user != null and ($user | endswith("-breakglass")) then "F28" else empty end,
  if $user != null and ($user | among(["admin", "root", "test", "shared"])) then "F29" else empty end,
  if $writes and any(.user.groups[]?; . == "corp:admins") and (.requestReceivedTimestamp[11:13] | . < "06" or . >= "22") then "F30" else empty end,
  if $writes and $code != null and $code >= 500 then "F31" else empty end,
  if $code == 401 then "F32" else empty end
