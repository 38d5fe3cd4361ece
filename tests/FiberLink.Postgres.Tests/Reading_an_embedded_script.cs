namespace FiberLink.Postgres.Tests;

public sealed class Reading_an_embedded_script
{
    [Fact]
    public void Finds_it_by_name_and_by_folder_and_name()
    {
        var assembly = typeof(SqlScript).Assembly;

        Assert.StartsWith("create schema", SqlScript.Read(assembly, "schema_migrations.sql"), StringComparison.Ordinal);
        Assert.StartsWith("create schema", SqlScript.Read(assembly, "Sql/schema_migrations.sql"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_a_name_is_not_a_name() =>
        Assert.Throws<InvalidOperationException>(() => SqlScript.Read(typeof(SqlScript).Assembly, "migrations.sql"));
}
