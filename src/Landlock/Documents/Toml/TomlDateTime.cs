namespace Landlock.Documents.Toml;

/// <summary>A date of TOML: year 0 to 9999 of the proleptic Gregorian calendar.</summary>
public readonly record struct TomlDate
{
    /// <summary>Makes a date.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such day.</exception>
    public TomlDate(int year, int month, int day)
    {
        if (year is < 0 or > 9999) throw new ArgumentOutOfRangeException(nameof(year));
        if (month is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(month));
        if (day < 1 || day > DaysInMonth(year, month)) throw new ArgumentOutOfRangeException(nameof(day));
        (Year, Month, Day) = (year, month, day);
    }

    /// <summary>The year, 0 to 9999.</summary>
    public int Year { get; }

    /// <summary>The month, 1 to 12.</summary>
    public int Month { get; }

    /// <summary>The day, 1 to 31.</summary>
    public int Day { get; }

    /// <summary>The date as TOML writes it.</summary>
    public override string ToString() => $"{Year:0000}-{Month:00}-{Day:00}";

    // Year 0, which RFC 3339 has and .NET has not, is a leap year as 2000 is.
    internal static int DaysInMonth(int year, int month) => DateTime.DaysInMonth(year == 0 ? 2000 : year, month);
}

/// <summary>A time of day of TOML, in nanoseconds. The second may be 60, a leap second.</summary>
public readonly record struct TomlTime
{
    /// <summary>Makes a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such time.</exception>
    public TomlTime(int hour, int minute, int second, int nanosecond = 0)
    {
        if (hour is < 0 or > 23) throw new ArgumentOutOfRangeException(nameof(hour));
        if (minute is < 0 or > 59) throw new ArgumentOutOfRangeException(nameof(minute));
        if (second is < 0 or > 60) throw new ArgumentOutOfRangeException(nameof(second));
        if (nanosecond is < 0 or > 999_999_999) throw new ArgumentOutOfRangeException(nameof(nanosecond));
        (Hour, Minute, Second, Nanosecond) = (hour, minute, second, nanosecond);
    }

    /// <summary>The hour, 0 to 23.</summary>
    public int Hour { get; }

    /// <summary>The minute, 0 to 59.</summary>
    public int Minute { get; }

    /// <summary>The second, 0 to 60.</summary>
    public int Second { get; }

    /// <summary>The fraction of the second in nanoseconds; what a text says beyond nanoseconds is cut off.</summary>
    public int Nanosecond { get; }

    /// <summary>The time as TOML writes it, without needless zeros at the end of the fraction.</summary>
    public override string ToString()
    {
        string time = $"{Hour:00}:{Minute:00}:{Second:00}";
        return Nanosecond == 0 ? time : $"{time}.{Nanosecond:000000000}".TrimEnd('0');
    }
}

/// <summary>One of the four kinds of date and time of TOML.</summary>
public sealed class TomlDateTime : TomlNode
{
    /// <summary>Makes an offset date-time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is a day or more.</exception>
    public TomlDateTime(TomlDate date, TomlTime time, int offsetMinutes, TomlPosition position = default)
        : this(date, time, (int?)offsetMinutes, TomlKind.OffsetDateTime, position)
    {
        if (offsetMinutes is < -1439 or > 1439) throw new ArgumentOutOfRangeException(nameof(offsetMinutes));
    }

    /// <summary>Makes a local date-time.</summary>
    public TomlDateTime(TomlDate date, TomlTime time, TomlPosition position = default)
        : this(date, time, null, TomlKind.LocalDateTime, position)
    {
    }

    /// <summary>Makes a local date.</summary>
    public TomlDateTime(TomlDate date, TomlPosition position = default)
        : this(date, null, null, TomlKind.LocalDate, position)
    {
    }

    /// <summary>Makes a local time.</summary>
    public TomlDateTime(TomlTime time, TomlPosition position = default)
        : this(null, time, null, TomlKind.LocalTime, position)
    {
    }

    private TomlDateTime(TomlDate? date, TomlTime? time, int? offsetMinutes, TomlKind kind, TomlPosition position)
        : base(position)
    {
        (Date, Time, OffsetMinutes, Kind) = (date, time, offsetMinutes, kind);
    }

    /// <inheritdoc/>
    public override TomlKind Kind { get; }

    /// <summary>The date, which a local time has not.</summary>
    public TomlDate? Date { get; }

    /// <summary>The time, which a local date has not.</summary>
    public TomlTime? Time { get; }

    /// <summary>The offset from UTC in minutes, which only an offset date-time has. The text <c>-00:00</c> is read as 0.</summary>
    public int? OffsetMinutes { get; }

    /// <summary>The value as TOML writes it.</summary>
    public override string ToString()
    {
        string separator = Date is not null && Time is not null ? "T" : "";
        return $"{Date}{separator}{Time}{Offset()}";
    }

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other) =>
        other is TomlDateTime that && Date == that.Date && Time == that.Time && OffsetMinutes == that.OffsetMinutes;

    private string Offset()
    {
        if (OffsetMinutes is not int minutes) return "";
        if (minutes == 0) return "Z";
        (int hour, int minute) = Math.DivRem(Math.Abs(minutes), 60);
        return $"{(minutes < 0 ? '-' : '+')}{hour:00}:{minute:00}";
    }
}
