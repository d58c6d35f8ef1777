using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Landlock.Tests.Hosts;

/// <summary>Makes the certificate of the world's hosts.</summary>
internal static class Authority
{
    /// <summary>Makes one, and writes what clients have to trust for it.</summary>
    public static X509Certificate2 Certify(string trusted)
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1), to = from.AddDays(3);
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = new("CN=Authority of the world", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, false));
        using X509Certificate2 authority = root.CreateSelfSigned(from, to);
        File.WriteAllText(trusted, authority.ExportCertificatePem());

        CertificateRequest host = new("CN=api.example.com", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in (string[])["api.example.com", "*.pkg.example"]) names.AddDnsName(name);
        host.CertificateExtensions.Add(names.Build());
        host.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        host.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using X509Certificate2 signed = host.Create(authority, from, to, [1]);
        return signed.CopyWithPrivateKey(key);
    }
}
