package io.processpool.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ChartTests {

    @Test
    void draw_aBarForEachFigure_lengthsGrowByTheSameForEachDecade() throws Exception {
        List<Element> bars = elements(Chart.draw("A <machine>", List.of(Results.rate())), "rect");

        assertThat(bars).extracting(bar -> bar.getAttribute("class")).containsExactly("ours", "peer", "peer");
        double ours = width(bars.get(0));
        double threads = width(bars.get(1));
        double pp4j = width(bars.get(2));
        assertThat((threads - ours) / 2).isCloseTo(ours - pp4j, org.assertj.core.data.Offset.offset(0.2));
        assertThat(pp4j).isPositive();
    }

    @Test
    void draw_timesAreTurnedRound_soThatLongerIsBetter() throws Exception {
        List<Element> bars = elements(Chart.draw("A machine", List.of(Results.time())), "rect");

        assertThat(width(bars.get(0))).isGreaterThan(width(bars.get(1)));
    }

    @Test
    void draw_rowWithoutPeers_isLeftOut() throws Exception {
        assertThat(elements(Chart.draw("A machine", List.of(Results.alone())), "rect"))
                .isEmpty();
    }

    @Test
    void draw_staysWithinItsBox() throws Exception {
        String svg = Chart.draw("A machine", List.of(Results.rate(), Results.time()));
        Element root = elements(svg, "svg").get(0);

        for (Element bar : elements(svg, "rect")) {
            assertThat(Double.parseDouble(bar.getAttribute("x")) + width(bar))
                    .isLessThan(Double.parseDouble(root.getAttribute("width")));
            assertThat(Double.parseDouble(bar.getAttribute("y")))
                    .isLessThan(Double.parseDouble(root.getAttribute("height")));
        }
    }

    private static double width(Element bar) {
        return Double.parseDouble(bar.getAttribute("width"));
    }

    private static List<Element> elements(String svg, String name) throws Exception {
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        NodeList nodes = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
