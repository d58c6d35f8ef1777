namespace Landlock.Rulesets;

/// <summary>Where secrets are. docs/secrets.md says of each what it is and who says so; a test compares the two.</summary>
internal static class SecretPlaces
{
    /// <summary>In a home directory; $config, $data and $cache are directories of the XDG specification.</summary>
    public static readonly string[] AtHome =
    [
        // Keys.
        "~/.ssh", "~/.gnupg", "~/.pki", "$data/pki", "~/.cert", "~/.step", "~/.minisign", "$data/mkcert", "$config/sops",
        "~/.ecryptfs", "~/.Private",
        // Passwords.
        "~/.password-store", "$data/gopass", "$data/keyrings", "~/.gnome2/keyrings", "$data/kwalletd", "~/.kde/share/apps/kwallet",
        "~/.kde4/share/apps/kwallet", "$config/Bitwarden", "$config/Bitwarden CLI", "$config/1Password", "$config/op", "~/.lpass",
        "$data/lpass", "$config/keybase", "$data/keybase", "~/.netrc", "~/.authinfo", "~/.authinfo.gpg", "~/.pgpass", "~/.my.cnf",
        "~/.mylogin.cnf", "~/.smbcredentials", "~/.davfs2/secrets", "~/.vnc/passwd", "$data/remmina",
        // Browsers and mail.
        "~/.mozilla", "$config/mozilla", "~/.librewolf", "~/.thunderbird", "$config/chromium", "$config/google-chrome",
        "$config/google-chrome-beta", "$config/google-chrome-unstable", "$config/BraveSoftware", "$config/microsoft-edge",
        "$config/vivaldi", "$config/opera", "$data/qutebrowser", "$data/epiphany", "~/snap/firefox", "~/snap/chromium",
        "~/.var/app/org.mozilla.firefox", "~/.var/app/org.mozilla.Thunderbird", "~/.var/app/org.chromium.Chromium",
        "~/.var/app/com.google.Chrome", "~/.var/app/com.brave.Browser", "~/.var/app/com.microsoft.Edge", "$config/evolution",
        "$data/evolution", "~/.msmtprc", "$config/msmtp", "~/.fetchmailrc", "~/.mbsyncrc", "~/.offlineimaprc",
        // What was typed.
        "~/.bash_history", "~/.zsh_history", "~/.zhistory", "~/.histfile", "$data/fish/fish_history", "$data/powershell/PSReadLine",
        "$config/nushell/history.txt", "$config/nushell/history.sqlite3", "$data/atuin", "~/.python_history", "~/.node_repl_history",
        "~/.irb_history", "~/.psql_history", "~/.mysql_history", "~/.sqlite_history", "~/.rediscli_history",
        // Clouds.
        "~/.aws", "$config/gcloud", "~/.azure", "~/.Azure", "~/.kube", "~/.oci", "~/.aliyun", "~/.bluemix", "~/.boto", "~/.s3cfg",
        "~/.passwd-s3fs", "$config/rclone", "$config/doctl", "$config/hcloud", "$config/scw", "$config/linode-cli", "$config/openstack",
        "~/.terraform.d/credentials.tfrc.json", "~/.terraformrc", "~/.pulumi/credentials.json", "~/.vault-token", "~/.fly",
        "$config/argocd", "$config/helm/registry", "~/.talos", "$config/.wrangler", "$config/netlify", "$data/com.vercel.cli",
        // Registries and code hosts.
        "~/.docker/config.json", "~/.dockercfg", "$config/containers/auth.json", "~/.npmrc", "~/.yarnrc.yml", "~/.pypirc",
        "$config/pypoetry/auth.toml", "~/.cargo/credentials", "~/.cargo/credentials.toml", "~/.gem/credentials", "$data/gem/credentials",
        "~/.bundle/config", "~/.m2/settings.xml", "~/.m2/settings-security.xml", "~/.gradle/gradle.properties", "~/.composer/auth.json",
        "$config/composer/auth.json", "$config/gh", "$config/hub", "$config/glab-cli", "$config/tea", "~/.git-credentials",
        "$config/git/credentials", "~/.git-credential-cache", "$cache/git/credential", "$cache/huggingface/token",
        "~/.kaggle/kaggle.json",
        // Assistants.
        "~/.claude/.credentials.json", "~/.codex/auth.json", "~/.gemini/oauth_creds.json", "$config/github-copilot",
        "$data/opencode/auth.json",
        // Wallets.
        "~/.bitcoin", "~/.electrum", "~/.ethereum/keystore", "$config/solana",
    ];

    /// <summary>What variables of the environment name.</summary>
    public static readonly string[] OfVariables =
    [
        "$GNUPGHOME", "$PASSWORD_STORE_DIR", "$NETRC", "$PGPASSFILE", "$HISTFILE", "$AWS_SHARED_CREDENTIALS_FILE", "$AWS_CONFIG_FILE",
        "$CLOUDSDK_CONFIG", "$GOOGLE_APPLICATION_CREDENTIALS", "$AZURE_CONFIG_DIR", "$KUBECONFIG", "$DOCKER_CONFIG/config.json",
        "$REGISTRY_AUTH_FILE", "$XDG_RUNTIME_DIR/containers/auth.json", "$NPM_CONFIG_USERCONFIG", "$CARGO_HOME/credentials",
        "$CARGO_HOME/credentials.toml", "$GH_CONFIG_DIR",
        .. AtHome.Where(place => place.StartsWith("$config/", StringComparison.Ordinal)).Select(place => "$XDG_CONFIG_HOME" + place[7..]),
        .. AtHome.Where(place => place.StartsWith("$data/", StringComparison.Ordinal)).Select(place => "$XDG_DATA_HOME" + place[5..]),
        .. AtHome.Where(place => place.StartsWith("$cache/", StringComparison.Ordinal)).Select(place => "$XDG_CACHE_HOME" + place[6..]),
    ];

    /// <summary>Of the machine: what Base leaves out, and more of the kind.</summary>
    public static readonly string[] OfMachine =
    [
        "/etc/gshadow", "/etc/gshadow-", "/etc/opasswd", "/etc/security/opasswd", "/etc/shadow", "/etc/shadow-", "/etc/subgid-",
        "/etc/subuid-", "/etc/sudoers", "/etc/sudoers.d", "/etc/doas.conf", "/etc/crypttab", "/etc/krb5.keytab", "/etc/letsencrypt",
        "/etc/luks", "/etc/pki/private", "/etc/pki/tls/private", "/etc/ssh/ssh_host_dsa_key", "/etc/ssh/ssh_host_ecdsa_key",
        "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key", "/etc/ssl/private", "/etc/NetworkManager/system-connections",
        "/etc/ipsec.d/private", "/etc/ipsec.secrets", "/etc/netplan", "/etc/openvpn", "/etc/ppp", "/etc/swanctl/private",
        "/etc/tailscale", "/etc/wireguard", "/etc/wpa_supplicant", "/etc/apt/auth.conf", "/etc/apt/auth.conf.d", "/etc/bind/rndc.key",
        "/etc/chrony", "/etc/chrony.keys", "/etc/docker", "/etc/exim4/passwd.client", "/etc/kubernetes", "/etc/msmtprc", "/etc/munge",
        "/etc/mysql/debian.cnf", "/etc/ntp.keys", "/etc/pam_ldap.secret", "/etc/postfix/sasl", "/etc/postfix/sasl_passwd",
        "/etc/postfix/sasl_passwd.db", "/etc/rancher", "/etc/rndc.key", "/etc/samba/smbpasswd", "/etc/sssd", "/etc/vault.d",
        "/etc/davfs2/secrets", "/etc/boto.cfg",
    ];
}
