import Foundation
import Testing

/// Runs the built program as a shell would.
@Suite("The program", .serialized)
struct ProgramTests {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Beside the test bundle, where the build puts every product.
    private static let program: String = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("zlsql").path) {
            folder.deleteLastPathComponent()
        }
        return folder.appendingPathComponent("zlsql").path
    }()

    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "zlsql-program-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
    }

    private func run(_ arguments: [String], input: String = "") throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramTests.program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let files = ["in", "out", "err"].map { folder + "/." + $0 }
        try Data(input.utf8).write(to: URL(fileURLWithPath: files[0]))
        for file in files[1...] { try Data().write(to: URL(fileURLWithPath: file)) }
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: files[1], encoding: .utf8),
            errors: try String(contentsOfFile: files[2], encoding: .utf8))
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    @Test("Commands and files run in the order given, as CSV")
    func order() throws {
        try write("SELECT 2 AS b", to: "b.sql")
        let outcome = try run(["--csv", "-c", "SELECT 1 AS a", "-f", "b.sql", "-c", "SELECT 3 AS c"])
        #expect(outcome.output == "a\n1\nb\n2\nc\n3\n")
        #expect(outcome.status == 0 && outcome.errors == "")
    }

    @Test("A database that another process writes is refused by name, and open again when that process is gone")
    func lock() throws {
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: ProgramTests.program)
        holder.arguments = ["--csv", folder + "/held.db"]
        let input = Pipe()
        let output = Pipe()
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        input.fileHandleForWriting.write(Data("CREATE TABLE t AS SELECT 5 AS a; SELECT a FROM t;\n".utf8))
        #expect(output.fileHandleForReading.availableData.isEmpty == false)
        let refused = try run(["held.db", "-c", "SELECT 1"])
        #expect(refused.status == 3 && refused.errors.contains("held.db is in use by another process"))
        input.fileHandleForWriting.closeFile()
        holder.waitUntilExit()
        #expect(try run(["--csv", "held.db", "-c", "SELECT a FROM t"]).output == "a\n5\n")
        #expect(try run(["--csv", "--readonly", "held.db", "-c", "SELECT a FROM t"]).output == "a\n5\n")
    }

    @Test(".read is relative to the script that it stands in")
    func read() throws {
        try write(".read inner/middle.sql\n", to: "outer.sql")
        try write("-- a comment; with a semicolon\n.read last.sql", to: "inner/middle.sql")
        try write("SELECT 'last' AS file;", to: "inner/last.sql")
        let outcome = try run(["--csv", "-f", "outer.sql"])
        #expect(outcome.output == "file\nlast\n")
    }

    @Test("Scripts that read each other end with an error")
    func cycle() throws {
        try write(".read self.sql", to: "self.sql")
        let outcome = try run(["-f", "self.sql"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("more than 32 deep"))
    }

    @Test("An error has file, line, column, caret and hint, and ends the script with 1")
    func error() throws {
        try write("SELECT 1 AS a;\n\nSELECT a FROM\n  nosuch;\nSELECT 2 AS b;\n", to: "s.sql")
        let outcome = try run(["--csv", "-f", "s.sql"])
        #expect(outcome.status == 1)
        #expect(outcome.output == "a\n1\n")
        #expect(
            outcome.errors.hasPrefix("s.sql:4:3: binding error: there is no table \"nosuch\"\n    nosuch;\n    ^^^^^^\n"))
    }

    @Test("Variables are there before anything runs")
    func variables() throws {
        #expect(try run(["--csv", "-v", "x=it's", "-c", "SELECT getvariable('x') AS x"]).output == "x\nit's\n")
    }

    @Test("Exit codes tell usage, statements and files apart")
    func codes() throws {
        #expect(try run(["--nosuch"]).status == 2)
        #expect(try run(["-c", "SELECT nosuch"]).status == 1)
        #expect(try run(["-f", "nosuch.sql"]).status == 3)
        #expect(try run([folder + "/inner", "-c", "SELECT 1"]).status == 3)
        #expect(try run(["--version"]).output == "zlsql 0.1.0\n")
        #expect(try run(["--help"]).output.contains("--readonly"))
    }

    @Test("Standard input is a script; its last statement needs no semicolon, .quit ends it")
    func input() throws {
        #expect(try run(["--csv"], input: "SELECT 1 AS a;\nSELECT\n 2 AS b").output == "a\n1\nb\n2\n")
        #expect(try run(["--csv"], input: "SELECT 1 AS a;\n.quit\nSELECT 2 AS b;\n").output == "a\n1\n")
        let failed = try run([], input: "SELECT 1;\n.nosuch\n")
        #expect(failed.status == 1 && failed.errors.contains("standard input:2:1"))
    }

    @Test("--jsonl answers each statement with one line")
    func server() throws {
        let outcome = try run(
            ["--jsonl"],
            input: "SELECT 1 AS a,\n 'x; \n y\"' AS b;\nSELECT nosuch;\nCREATE TABLE t (a INTEGER); \nSELECT 2 AS c;\nSELECT 1e0/3 AS d, NULL AS n, TRUE AS t;\n")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(outcome.status == 0 && lines.count == 4)
        #expect(lines[0] == #"{"ok":true,"columns":["a","b"],"types":["INTEGER","VARCHAR"],"rows":[[1,"x; \n y\""]]}"#)
        #expect(lines[1].hasPrefix(#"{"ok":false,"error":"#))
        #expect(lines[2].contains(#""columns":["c"]"#))
        #expect(lines[3].hasSuffix(#""rows":[[0.3333333333333333,null,true]]}"#))
    }

    @Test("Output that cannot be written is an error")
    func fullDevice() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramTests.program)
        process.arguments = ["-c", "SELECT 1"]
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 3)
    }

    @Test("Dot commands list, describe and time")
    func commands() throws {
        let outcome = try run(
            [], input: "CREATE TABLE t (a INTEGER NOT NULL DEFAULT 1);\n.tables\n.schema t\n.timer on\nSELECT 1;\n.help\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("CREATE TABLE main.t (a INTEGER NOT NULL DEFAULT (1));"))
        #expect(outcome.output.contains(".read FILE"))
        #expect(outcome.errors.contains("Run time:"))
    }

    @Test("Ctrl-C stops a script with 130")
    func interrupt() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramTests.program)
        process.arguments = [
            "-c", "SELECT a.range FROM range(1000000) AS a, range(1000000) AS b WHERE a.range < b.range - 1000000",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try await Task.sleep(for: .milliseconds(500))
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
    }
}
