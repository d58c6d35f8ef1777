using Landlock.Documents;
using Landlock.Profiles;

namespace Landlock.Tests.Profiles;

public sealed class ProfileStoreTests : IDisposable
{
    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    private string[] Active(string directory) => [.. _folders.Store().FindActive(_folders[directory]).Select(match => match.Profile.Name)];

    [Fact]
    public void Profiles_nest_from_the_broadest_to_the_narrowest_and_by_name_in_one_directory()
    {
        _folders.Add("a-narrow", _folders.Context("work/sub"));
        _folders.Add("z-broad", _folders.Context("."));
        _folders.Add("m2", _folders.Context("work"));
        _folders.Add("m1", _folders.Context("work"), owner: "island");
        _folders.Add("other", _folders.Context("home"));
        Assert.Equal(["z-broad", "m1", "m2", "a-narrow"], Active("work/sub"));
        Assert.Equal(["z-broad", "m1", "m2"], Active("work"));
        Assert.Equal(["z-broad", "other"], Active("home"));
        Assert.Empty(Active("/"));
    }

    [Fact]
    public void A_directory_with_the_name_as_a_prefix_is_another_one()
    {
        Directory.CreateDirectory(_folders["work-2"]);
        _folders.Add("work", _folders.Context("work"));
        Assert.Empty(Active("work-2"));
    }

    [Fact]
    public void Symbolic_links_lead_to_the_same_profile()
    {
        Directory.CreateSymbolicLink(_folders["link"], _folders["work"]);
        _folders.Add("work", _folders.Context("link"));
        Assert.Equal(["work"], Active("work/sub"));
        Assert.Equal(["work"], Active("link/sub"));
    }

    [Fact]
    public void A_directory_that_is_made_later_counts_from_then_on()
    {
        _folders.Add("late", _folders.Context("late"));
        ProfileStore store = _folders.Store();
        Directory.CreateDirectory(_folders["late"]);
        Assert.Single(store.FindActive(_folders["late"]));
    }

    [Fact]
    public void A_profile_that_cannot_be_understood_applies_everywhere_and_is_not_valid()
    {
        _folders.Add("broken", "[[context]\n");
        ActiveProfile match = Assert.Single(_folders.Store().FindActive("/"));
        Assert.False(match.Profile.IsValid);
    }

    [Fact]
    public void A_broken_profile_whose_directories_are_known_applies_to_those_only()
    {
        _folders.Add("broken", "what = 1\n" + _folders.Context("work"));
        Assert.Empty(Active("home"));
        Assert.Equal(["broken"], Active("work"));
    }

    [Fact]
    public void Folders_that_are_no_profiles_are_passed_over()
    {
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_folders.Add(".hidden", _folders.Context("work")))!, "empty"));
        Assert.All(_folders.Store().Profiles, profile => Assert.Equal(ProfileOrigin.Shipped, profile.Origin));
    }

    [Fact]
    public void The_stamp_changes_with_every_profile()
    {
        ProfileStore store = _folders.Store();
        long none = store.Stamp();
        string folder = _folders.Add("work", "");
        Assert.NotEqual(none, store.Stamp());
        store = _folders.Store();
        // What changed just now could change again without a trace.
        Assert.NotEqual(store.Stamp(), store.Stamp());
        Thread.Sleep(2100);
        long empty = store.Stamp();
        Assert.Equal(empty, store.Stamp());
        string file = Path.Combine(folder, "profile.toml");
        DateTime written = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, _folders.Context("work"));
        File.SetLastWriteTimeUtc(file, written);
        Assert.NotEqual(empty, store.Stamp());
        Thread.Sleep(2100);
        Assert.NotEqual(empty, store.Stamp());
    }

    [Fact]
    public void The_stamp_notices_a_profile_in_a_folder_that_was_there()
    {
        string folder = _folders["home/.config/landlockps/profiles/new"];
        Directory.CreateDirectory(folder);
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddMinutes(-1));
        ProfileStore store = _folders.Store();
        long before = store.Stamp();
        File.WriteAllText(Path.Combine(folder, "profile.toml"), "");
        Assert.NotEqual(before, store.Stamp());
    }

    [Theory]
    [InlineData("/c", "/h", "/c/landlockps/profiles")]
    [InlineData("c", "/h", "/h/.config/landlockps/profiles")]
    [InlineData(null, "/h", "/h/.config/landlockps/profiles")]
    public void Folders_follow_the_XDG_specification(string? configuration, string? home, string expected) =>
        Assert.Equal(expected,
            ProfileStore.FindRoots(name => name == "HOME" ? home : name == "XDG_CONFIG_HOME" ? configuration : null)[0].Directory);

    [Fact]
    public void Without_a_home_there_is_no_place_for_profiles() => Assert.Throws<PolicyException>(() => ProfileStore.FindRoots(_ => null));
}
