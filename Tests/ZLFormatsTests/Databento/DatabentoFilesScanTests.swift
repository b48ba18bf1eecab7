import Testing
import ZLColumnar
import ZLFormats

@Suite(.enabled(if: TestFiles.hasDBN, "no DBN fixtures: set ZLSQL_SHARED"))
struct DatabentoFilesScanTests {
    @Test("a DBN file and its CSV form count the same rows between the same timestamps")
    func bothFormsCountAlike() throws {
        let path = TestFiles.dbn + "/synthetic/ZL/parent.ohlcv-1d.v3.dbn.zst"
        let records = try #require(try DatabentoFilesScan(pattern: path).texts().first)
        let text = try #require(try DatabentoFilesScan(pattern: path + ".csv").texts().first)
        #expect(records[0] == "parent.ohlcv-1d.v3.dbn.zst")
        #expect(records[2] == "ohlcv-1d")
        #expect(text[2] == nil)
        #expect(records[1] != text[1])
        #expect(records[3...] == text[3...])
        #expect(records[3] == String(try DatabentoScan(pattern: path).texts().count))
    }
}
