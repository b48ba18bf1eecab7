import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite(.enabled(if: TestFiles.hasDBN, "no DBN fixtures: set ZLSQL_SHARED"))
struct DatabentoScanTests {
    /// Pretty, raw and not upgraded CSV give the columns and rows of the DBN file; raw files have no symbols.
    @Test(arguments: DBNScanTests.fixtures)
    func everyFormOfAFixtureReadsAlike(path: String) throws {
        let dbn = try DatabentoScan(paths: [path])
        let rows = try dbn.texts()
        let symbol = dbn.columns.count - 1
        for ending in [".csv", ".raw.csv", ".asis.csv"] where FileManager.default.fileExists(atPath: path + ending) {
            let csv = try DatabentoScan(pattern: path + ending)
            #expect(csv.columns == dbn.columns, "\(path)\(ending)")
            let expected = ending == ".raw.csv" ? rows.map { $0.dropLast() + [nil] } : rows
            #expect(try csv.texts() == expected, "\(path)\(ending)")
            var options = DBNOptions()
            options.priceAsDecimal = true
            let exact = try DatabentoScan(paths: [path + ending], options: options)
            let prices = exact.columns.indices.filter { $0 < symbol }
            #expect(try exact.texts(prices) == DatabentoScan(paths: [path], options: options).texts(prices))
        }
    }

    @Test func filesOfBothFormatsAreOneTable() throws {
        let path = TestFiles.dbn + "/synthetic/ZL/parent.ohlcv-1d.v3.dbn.zst"
        let both = try DatabentoScan(paths: [path, path + ".csv"])
        let rows = try both.texts()
        #expect(rows.count == 128 && Array(rows[0..<64]) == Array(rows[64...]))
    }

    @Test func filesThatAreNotDatabentosAreRefused() throws {
        try TestFiles.withFolder { folder in
            try TestFiles.write("ts_event,rtype,publisher_id,instrument_id,open,high,low,close\n", to: folder + "/short.csv")
            let short = errorMessage { _ = try DatabentoScan(pattern: folder + "/short.csv") }
            #expect(short?.contains("column volume is missing") == true)
            try TestFiles.write("a,b\n1,2\n", to: folder + "/other.csv")
            let other = errorMessage { _ = try DatabentoScan(pattern: folder + "/other.csv") }
            #expect(other?.contains("expected \"DBN\"") == true)
        }
        let mixed = errorMessage {
            _ = try DatabentoScan(paths: [
                TestFiles.dbn + "/dbn-repo/test_data.mbo.dbn", TestFiles.dbn + "/dbn-repo/test_data.tbbo.dbn.csv",
            ])
        }
        #expect(mixed?.contains("do not fit together") == true)
    }

    @Test(.enabled(if: TestFiles.hasMarket, "no market data: set ZLSQL_MARKET_DATA"))
    func realBarsAsCSVAreTheBarsOfTheDBNFile() throws {
        let csv = try DatabentoScan(pattern: TestFiles.market + "/bars_csv/databento_ohlcv-1h/ZL.csv")
        let dbn = try DatabentoScan(pattern: TestFiles.market + "/databento/ohlcv-1h/glbx-mdp3-20100701-20100731.ohlcv-1h.dbn.zst")
        #expect(csv.columns == dbn.columns)
        let bars = try dbn.texts().filter { $0[9] == "ZL.v.0" }
        let same = try csv.texts().filter { $0[0]?.hasPrefix("2010-07") == true }
        #expect(!bars.isEmpty && bars == same)
    }
}
