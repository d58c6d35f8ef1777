namespace Landlock.Documents.Toml;

/// <summary>The types of TOML.</summary>
public enum TomlKind
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A 64-bit signed integer.</summary>
    Integer,

    /// <summary>A 64-bit binary floating-point number.</summary>
    Float,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A date and a time with an offset from UTC.</summary>
    OffsetDateTime,

    /// <summary>A date and a time of no particular time zone.</summary>
    LocalDateTime,

    /// <summary>A date without a time.</summary>
    LocalDate,

    /// <summary>A time without a date.</summary>
    LocalTime,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>Keys with values.</summary>
    Table,
}
