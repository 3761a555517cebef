<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Restore</source>
        <translation>Über Restore</translation>
    </message>
    <message>
        <source>Damaged pictures made good again, on this machine alone: nothing is sent anywhere, and originals are never changed.</source>
        <translation>Beschädigte Bilder wieder gut gemacht, allein auf diesem Rechner: Nichts wird irgendwohin gesendet, und Originale werden nie verändert.</translation>
    </message>
    <message>
        <source>Models: {names}</source>
        <translation>Modelle: {names}</translation>
    </message>
    <message>
        <source>Devices: {names}</source>
        <translation>Geräte: {names}</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export all</source>
        <translation>Alle exportieren</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Retry failed files</source>
        <translation>Fehlgeschlagene wiederholen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Select all files</source>
        <translation>Alle Dateien auswählen</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>Als Befehl kopieren</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>Originalgröße</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Before and after, divided</source>
        <translation>Vorher und nachher, geteilt</translation>
    </message>
    <message>
        <source>Before and after, side by side</source>
        <translation>Vorher und nachher, nebeneinander</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Unterschied</translation>
    </message>
    <message>
        <source>Show the original while held</source>
        <translation>Original zeigen, solange gedrückt</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Restaurieren</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>Trainieren</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Previous picture</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Move the picture</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Box</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>Lasso</source>
        <translation>Lasso</translation>
    </message>
    <message>
        <source>Colour point</source>
        <translation>Farbpunkt</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>Detect marks</source>
        <translation>Wasserzeichen suchen</translation>
    </message>
    <message>
        <source>Clear the mask</source>
        <translation>Maske löschen</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>About Restore</source>
        <translation>Über Restore</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>Computing…</source>
        <translation>Wird berechnet…</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Difference, 4 times</source>
        <translation>Unterschied, vierfach</translation>
    </message>
    <message>
        <source>Drop photos or folders here</source>
        <translation>Fotos oder Ordner hier ablegen</translation>
    </message>
    <message>
        <source>or click to choose them</source>
        <translation>oder klicken, um sie auszuwählen</translation>
    </message>
    <message>
        <source>Originals are never changed.</source>
        <translation>Originale werden nie verändert.</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Remove a colour</source>
        <translation>Farbe entfernen</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Malen</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Mark an area</source>
        <translation>Bereich markieren</translation>
    </message>
    <message>
        <source>Clear an area</source>
        <translation>Bereich löschen</translation>
    </message>
    <message>
        <source>Set a colour</source>
        <translation>Farbe setzen</translation>
    </message>
    <message>
        <source>Move a colour</source>
        <translation>Farbe verschieben</translation>
    </message>
</context>
<context>
    <name>CardDialog</name>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>Aufwand</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>Erstellt</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>Trainiert mit</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>The whole card</source>
        <translation>Die ganze Karte</translation>
    </message>
</context>
<context>
    <name>CheckpointTable</name>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>Gewinn</translation>
    </message>
    <message>
        <source>base model</source>
        <translation>Ausgangsmodell</translation>
    </message>
</context>
<context>
    <name>Client</name>
    <message>
        <source>The engine ended unexpectedly and was started again.</source>
        <translation>Das Rechenwerk brach unerwartet ab und wurde neu gestartet.</translation>
    </message>
    <message>
        <source>The engine does not start; `restore doctor` says why.</source>
        <translation>Das Rechenwerk startet nicht; `restore doctor` sagt, warum.</translation>
    </message>
</context>
<context>
    <name>ColorizePanel</name>
    <message>
        <source>Saturation</source>
        <translation>Sättigung</translation>
    </message>
    <message>
        <source>Move the picture</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Set a colour point</source>
        <translation>Farbpunkt setzen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Clear the colours</source>
        <translation>Farben löschen</translation>
    </message>
    <message>
        <source>Show where a colour helps most</source>
        <translation>Zeigen, wo eine Farbe hilft</translation>
    </message>
    <message>
        <source>Recolour what is in colour</source>
        <translation>Farbiges neu einfärben</translation>
    </message>
    <message>
        <source>Choose the dropper and click on a point to change it.</source>
        <translation>Pipette wählen und einen Punkt anklicken, um ihn zu ändern.</translation>
    </message>
    <message>
        <source>Colours of this picture</source>
        <translation>Farben dieses Bildes</translation>
    </message>
    <message>
        <source>Change a colour</source>
        <translation>Farbe ändern</translation>
    </message>
    <message>
        <source>Remove a colour</source>
        <translation>Farbe entfernen</translation>
    </message>
    <message>
        <source>Choose the dropper and click on the picture.</source>
        <translation>Pipette wählen und auf das Bild klicken.</translation>
    </message>
    <message>
        <source>Drag the point to move it; choose its colour here:</source>
        <translation>Den Punkt ziehen, um ihn zu verschieben; seine Farbe hier wählen:</translation>
    </message>
</context>
<context>
    <name>ColourPicker</name>
    <message>
        <source>Colour as a code</source>
        <translation>Farbe als Code</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>Colour {code}</source>
        <translation>Farbe {code}</translation>
    </message>
</context>
<context>
    <name>DenoisePanel</name>
    <message>
        <source>Find the noise level</source>
        <translation>Rauschpegel ermitteln</translation>
    </message>
    <message>
        <source>Noise level</source>
        <translation>Rauschpegel</translation>
    </message>
    <message>
        <source>Found in this picture: {level}</source>
        <translation>In diesem Bild gefunden: {level}</translation>
    </message>
    <message>
        <source>It is found for each picture anew.</source>
        <translation>Er wird für jedes Bild neu ermittelt.</translation>
    </message>
    <message>
        <source>The same for all pictures.</source>
        <translation>Derselbe für alle Bilder.</translation>
    </message>
</context>
<context>
    <name>FileStrip</name>
    <message>
        <source>Open pictures</source>
        <translation>Bilder öffnen</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Show the file</source>
        <translation>Datei zeigen</translation>
    </message>
    <message>
        <source>Show the result</source>
        <translation>Ergebnis zeigen</translation>
    </message>
    <message>
        <source>Copy the error</source>
        <translation>Fehler kopieren</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n Bild</numerusform>
            <numerusform>%n Bilder</numerusform>
        </translation>
    </message>
    <message>
        <source>{chosen} of {total} selected</source>
        <translation>{chosen} von {total} gewählt</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export all</source>
        <translation>Alle exportieren</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>Als Befehl kopieren</translation>
    </message>
    <message>
        <source>The same for the command line, on the clipboard</source>
        <translation>Dasselbe für die Befehlszeile, in die Zwischenablage</translation>
    </message>
</context>
<context>
    <name>JobBar</name>
    <message>
        <source>Progress of all files</source>
        <translation>Fortschritt aller Dateien</translation>
    </message>
    <message>
        <source>Progress of the current file</source>
        <translation>Fortschritt der aktuellen Datei</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Copy the log</source>
        <translation>Protokoll kopieren</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Getting ready</source>
        <translation>Vorbereitung</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Wird angehalten</translation>
    </message>
    <message>
        <source>Paused at {name}</source>
        <translation>Pause bei {name}</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>Engine starting…</source>
        <translation>Rechenwerk startet…</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
</context>
<context>
    <name>Jobs</name>
    <message numerus="yes">
        <source>%n done</source>
        <translation>
            <numerusform>%n fertig</numerusform>
            <numerusform>%n fertig</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n skipped, being there already</source>
        <translation>
            <numerusform>%n übersprungen, schon vorhanden</numerusform>
            <numerusform>%n übersprungen, schon vorhanden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n fehlgeschlagen</numerusform>
            <numerusform>%n fehlgeschlagen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n left</source>
        <translation>
            <numerusform>%n übrig</numerusform>
            <numerusform>%n übrig</numerusform>
        </translation>
    </message>
    <message>
        <source>There is nothing to export: open some pictures first.</source>
        <translation>Es gibt nichts zu exportieren: Öffnen Sie zuerst Bilder.</translation>
    </message>
    <message>
        <source>Every step is switched off: switch one on first.</source>
        <translation>Alle Schritte sind ausgeschaltet: Schalten Sie zuerst einen ein.</translation>
    </message>
    <message>
        <source>Resume the export</source>
        <translation>Export fortsetzen</translation>
    </message>
    <message>
        <source>done already, by the same recipe</source>
        <translation>schon fertig, nach demselben Rezept</translation>
    </message>
    <message>
        <source>a file that is not ours, or was changed since, is there and stays</source>
        <translation>dort liegt eine fremde oder seither veränderte Datei; sie bleibt</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Angehalten.</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>Über dieses Modell</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Own file…</source>
        <translation>Eigene Datei…</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Change the model</source>
        <translation>Modell ändern</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Fast</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
    <message>
        <source>{name} (draft)</source>
        <translation>{name} (Entwurf)</translation>
    </message>
</context>
<context>
    <name>Opening</name>
    <message>
        <source>Open pictures</source>
        <translation>Bilder öffnen</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>In der Zwischenablage ist kein Bild.</translation>
    </message>
</context>
<context>
    <name>OutputPanel</name>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Like the original</source>
        <translation>Wie das Original</translation>
    </message>
    <message>
        <source>Subfolder “restored”</source>
        <translation>Ordner „restored“</translation>
    </message>
    <message>
        <source>Fixed quality</source>
        <translation>Feste Qualität</translation>
    </message>
    <message>
        <source>Otherwise a JPEG keeps the quality that it has, if that is a good one</source>
        <translation>Sonst behält ein JPEG seine Qualität, wenn sie gut ist</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Keep the date of the file</source>
        <translation>Dateidatum behalten</translation>
    </message>
    <message>
        <source>Results have the modification time of their originals; EXIF dates always stay</source>
        <translation>Ergebnisse bekommen die Änderungszeit ihrer Originale; EXIF-Daten bleiben immer</translation>
    </message>
    <message>
        <source>Replace results that are there</source>
        <translation>Vorhandene Ergebnisse ersetzen</translation>
    </message>
    <message>
        <source>Open a picture to see where its result goes.</source>
        <translation>Öffnen Sie ein Bild, um den Ort des Ergebnisses zu sehen.</translation>
    </message>
</context>
<context>
    <name>PathField</name>
    <message>
        <source>Choose: {name}</source>
        <translation>Wählen: {name}</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
</context>
<context>
    <name>Plane</name>
    <message>
        <source>Colours that are possible here</source>
        <translation>Farben, die hier möglich sind</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Automatic: the fastest</source>
        <translation>Automatisch: das schnellste</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Kacheln</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>{side} pixels</source>
        <translation>{side} Pixel</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Design</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Smaller tiles need less memory. Results are the same for the eye.</source>
        <translation>Kleinere Kacheln brauchen weniger Speicher. Das Ergebnis ist für das Auge dasselbe.</translation>
    </message>
    <message>
        <source>Nothing is ever sent anywhere.</source>
        <translation>Nichts wird je irgendwohin gesendet.</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>{name} is not computed again until a setting is changed.</source>
        <translation>{name} wird erst wieder berechnet, wenn eine Einstellung geändert wird.</translation>
    </message>
    <message>
        <source>Nothing here is surely a watermark: paint a mask where there is one.</source>
        <translation>Nichts hier ist sicher ein Wasserzeichen: Malen Sie eine Maske, wo eines ist.</translation>
    </message>
    <message>
        <source>Detect</source>
        <translation>Suchen</translation>
    </message>
</context>
<context>
    <name>RecipeList</name>
    <message>
        <source>not installed</source>
        <translation>nicht installiert</translation>
    </message>
    <message>
        <source>This version has no model for this step.</source>
        <translation>Diese Version hat kein Modell für diesen Schritt.</translation>
    </message>
    <message>
        <source>Switch on: {name}</source>
        <translation>Einschalten: {name}</translation>
    </message>
    <message>
        <source>Switch off: {name}</source>
        <translation>Ausschalten: {name}</translation>
    </message>
    <message>
        <source>Move a step</source>
        <translation>Schritt verschieben</translation>
    </message>
</context>
<context>
    <name>SampleView</name>
    <message>
        <source>A held-out photo</source>
        <translation>Ein zurückgelegtes Foto</translation>
    </message>
    <message>
        <source>Held-out photo</source>
        <translation>Zurückgelegtes Foto</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Vergleichen mit</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Ausgangsmodell</translation>
    </message>
    <message>
        <source>The photo itself</source>
        <translation>Das Foto selbst</translation>
    </message>
    <message>
        <source>What it should be</source>
        <translation>Wie es sein soll</translation>
    </message>
    <message>
        <source>New model</source>
        <translation>Neues Modell</translation>
    </message>
</context>
<context>
    <name>Stages</name>
    <message>
        <source>Looking for marks</source>
        <translation>Suche nach Wasserzeichen</translation>
    </message>
    <message>
        <source>Looking where a colour helps most</source>
        <translation>Suche, wo eine Farbe hilft</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Computing</source>
        <translation>Berechnung</translation>
    </message>
</context>
<context>
    <name>States</name>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Skipped: the result is there already</source>
        <translation>Übersprungen: das Ergebnis ist schon da</translation>
    </message>
</context>
<context>
    <name>StepList</name>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Move the step up</source>
        <translation>Schritt nach oben</translation>
    </message>
    <message>
        <source>Move the step down</source>
        <translation>Schritt nach unten</translation>
    </message>
    <message>
        <source>Move a step</source>
        <translation>Schritt verschieben</translation>
    </message>
</context>
<context>
    <name>StepPanel</name>
    <message>
        <source>This version comes without a model for this step. If you have the file of one, choose it below; a newer version may bring it.</source>
        <translation>Diese Version hat kein Modell für diesen Schritt. Wer die Datei eines Modells hat, wählt sie unten; eine neuere Version bringt es vielleicht mit.</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>Stärke</translation>
    </message>
</context>
<context>
    <name>Studio</name>
    <message numerus="yes">
        <source>%n file(s) or folder(s) without a picture were left out: {names}</source>
        <translation>
            <numerusform>%n Datei oder Ordner ohne Bild wurde ausgelassen: {names}</numerusform>
            <numerusform>%n Dateien oder Ordner ohne Bild wurden ausgelassen: {names}</numerusform>
        </translation>
    </message>
    <message>
        <source>Another window of Restore is open: what is drawn in this one is not kept.</source>
        <translation>Ein anderes Fenster von Restore ist offen: Was in diesem gezeichnet wird, bleibt nicht erhalten.</translation>
    </message>
    <message>
        <source>There is no device {name} on this machine: choose another in the preferences.</source>
        <translation>Das Gerät {name} gibt es auf diesem Rechner nicht: Wählen Sie in den Einstellungen ein anderes.</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>Retry failed files</source>
        <translation>Fehlgeschlagene wiederholen</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>The last export was cut short: {done} of {total} files are done.</source>
        <translation>Der letzte Export wurde unterbrochen: {done} von {total} Dateien sind fertig.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Jetzt nicht</translation>
    </message>
    <message>
        <source>The training of {name} was cut short.</source>
        <translation>Das Training von {name} wurde unterbrochen.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
</context>
<context>
    <name>Tasks</name>
    <message>
        <source>Remove noise</source>
        <translation>Rauschen entfernen</translation>
    </message>
    <message>
        <source>Remove watermark</source>
        <translation>Wasserzeichen entfernen</translation>
    </message>
    <message>
        <source>Colorize</source>
        <translation>Kolorieren</translation>
    </message>
    <message>
        <source>Takes out noise and grain and keeps the detail.</source>
        <translation>Nimmt Rauschen und Korn heraus und erhält die Details.</translation>
    </message>
    <message>
        <source>Gives the pixels below a mark back. For pictures you own or may edit.</source>
        <translation>Gibt die Pixel unter einem Wasserzeichen zurück. Für Bilder, die Ihnen gehören oder die Sie bearbeiten dürfen.</translation>
    </message>
    <message>
        <source>Gives black-and-white photos believable colours.</source>
        <translation>Gibt Schwarz-Weiß-Fotos glaubhafte Farben.</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
</context>
<context>
    <name>TrainForm</name>
    <message>
        <source>Learn from</source>
        <translation>Lernen von</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Clean photos</source>
        <translation>Saubere Fotos</translation>
    </message>
    <message>
        <source>Name of the new model</source>
        <translation>Name des neuen Modells</translation>
    </message>
    <message>
        <source>my-scanner</source>
        <translation>mein-scanner</translation>
    </message>
    <message>
        <source>Model to start from</source>
        <translation>Modell, von dem ausgegangen wird</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Begin again</source>
        <translation>Von vorn beginnen</translation>
    </message>
    <message>
        <source>Forget what an earlier run of this name has learned, instead of going on</source>
        <translation>Vergisst, was ein früherer Lauf dieses Namens gelernt hat, statt fortzusetzen</translation>
    </message>
    <message>
        <source>Check the photos</source>
        <translation>Fotos prüfen</translation>
    </message>
    <message>
        <source>Looking at the photos</source>
        <translation>Die Fotos werden angesehen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>Ausgehen von</translation>
    </message>
    <message>
        <source>Noisy photos alone</source>
        <translation>Nur verrauschte Fotos</translation>
    </message>
    <message>
        <source>Noisy photos and clean ones</source>
        <translation>Verrauschte Fotos und saubere</translation>
    </message>
    <message>
        <source>Pairs: each noisy photo and its clean one</source>
        <translation>Paare: jedes Foto verrauscht und sauber</translation>
    </message>
    <message>
        <source>My watermark</source>
        <translation>Mein Wasserzeichen</translation>
    </message>
    <message>
        <source>My colours</source>
        <translation>Meine Farben</translation>
    </message>
    <message>
        <source>The noise of your camera, film or scanner. It is measured where the photos are smooth; nothing clean is needed.</source>
        <translation>Das Rauschen der eigenen Kamera, des Films oder Scanners. Es wird gemessen, wo die Fotos glatt sind; saubere braucht es nicht.</translation>
    </message>
    <message>
        <source>The noise of your noisy photos, learned on clean photos of anything.</source>
        <translation>Das Rauschen der verrauschten Fotos, gelernt an sauberen Fotos von irgendetwas.</translation>
    </message>
    <message>
        <source>The surest way, where there are pairs of the same name.</source>
        <translation>Der sicherste Weg, wo es Paare gleichen Namens gibt.</translation>
    </message>
    <message>
        <source>Your mark, laid over photos that have none. For pictures you own or may edit.</source>
        <translation>Das eigene Zeichen, über Fotos gelegt, die keines haben. Für Bilder, die Ihnen gehören oder die Sie bearbeiten dürfen.</translation>
    </message>
    <message>
        <source>The colours of one kind of pictures, such as portraits or one place.</source>
        <translation>Die Farben einer Art von Bildern, etwa Porträts oder ein Ort.</translation>
    </message>
    <message>
        <source>Noisy photos</source>
        <translation>Verrauschte Fotos</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Zeichen</translation>
    </message>
    <message>
        <source>PNG with transparency; none: any text</source>
        <translation>PNG mit Transparenz; keines: beliebiger Text</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>{learn} to learn from, {held} held out to choose and prove by</source>
        <translation>{learn} zum Lernen, {held} zurückgelegt zum Auswählen und Beweisen</translation>
    </message>
</context>
<context>
    <name>TrainPage</name>
    <message>
        <source>Teach Restore your own photos</source>
        <translation>Restore die eigenen Fotos lehren</translation>
    </message>
    <message>
        <source>Choose photos on the left and press Start. After a few minutes you see, on photos that it has not learned from, whether the new model is better than the one that came with Restore, and by how much.</source>
        <translation>Links Fotos wählen und auf Starten drücken. Nach wenigen Minuten zeigt sich an Fotos, von denen nichts gelernt wurde, ob das neue Modell besser ist als das mitgelieferte, und um wie viel.</translation>
    </message>
    <message>
        <source>Keep it or throw it away: the models that came with Restore never change. You can pause, stop, quit, and go on another day.</source>
        <translation>Behalten oder wegwerfen: Die mitgelieferten Modelle ändern sich nie. Man kann anhalten, beenden und an einem anderen Tag fortsetzen.</translation>
    </message>
    <message>
        <source>Nothing leaves this machine.</source>
        <translation>Nichts verlässt diesen Rechner.</translation>
    </message>
    <message>
        <source>{name} was not proven to be better than its base model. Use it all the same?</source>
        <translation>Es ist nicht erwiesen, dass {name} besser ist als sein Ausgangsmodell. Trotzdem verwenden?</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
</context>
<context>
    <name>TrainView</name>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stop and keep the best</source>
        <translation>Anhalten und das Beste behalten</translation>
    </message>
    <message>
        <source>Progress of the training</source>
        <translation>Fortschritt des Trainings</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Held-out photos</source>
        <translation>Zurückgelegte Fotos</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>Zwischenstände</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>From now on this model is what “Automatic” takes</source>
        <translation>Ab jetzt nimmt „Automatisch“ dieses Modell</translation>
    </message>
    <message>
        <source>Revert</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>“Automatic” takes the models that came with Restore again</source>
        <translation>„Automatisch“ nimmt wieder die mitgelieferten Modelle</translation>
    </message>
    <message>
        <source>Take this checkpoint</source>
        <translation>Zwischenstand nehmen</translation>
    </message>
    <message>
        <source>Make the model from the row that is selected</source>
        <translation>Macht das Modell aus der gewählten Zeile</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Looking at the photos</source>
        <translation>Die Fotos werden angesehen</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>Es wird gelernt</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Stopping; the best checkpoint is kept</source>
        <translation>Wird angehalten; der beste Zwischenstand bleibt</translation>
    </message>
    <message>
        <source>best so far {gain} {metric} better than the base model</source>
        <translation>bisher um {gain} {metric} besser als das Ausgangsmodell</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>step {step}   {time} left</source>
        <translation>Schritt {step}   noch {time}</translation>
    </message>
    <message>
        <source>Held-out photos, {metric}</source>
        <translation>Zurückgelegte Fotos, {metric}</translation>
    </message>
    <message>
        <source>base model</source>
        <translation>Ausgangsmodell</translation>
    </message>
    <message>
        <source>Export the model</source>
        <translation>Modell exportieren</translation>
    </message>
</context>
<context>
    <name>Training</name>
    <message>
        <source>It begins as soon as the export is done.</source>
        <translation>Es beginnt, sobald der Export fertig ist.</translation>
    </message>
    <message>
        <source>The models that ship are used again.</source>
        <translation>Die mitgelieferten Modelle werden wieder verwendet.</translation>
    </message>
    <message>
        <source>{name} is used from now on where the model is “Automatic”.</source>
        <translation>{name} wird von jetzt an verwendet, wo das Modell „Automatisch“ ist.</translation>
    </message>
    <message>
        <source>The model is made from the checkpoint at step {step} now.</source>
        <translation>Das Modell ist jetzt aus dem Zwischenstand bei Schritt {step} gemacht.</translation>
    </message>
    <message>
        <source>Saved: {path}</source>
        <translation>Gespeichert: {path}</translation>
    </message>
</context>
<context>
    <name>Units</name>
    <message>
        <source>%</source>
        <comment>behind a number</comment>
        <translation>&#xa0;%</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>Stopped before it was better than the base model once.</source>
        <translation>Beendet, bevor es auch nur einmal besser war als das Ausgangsmodell.</translation>
    </message>
    <message>
        <source>It was never better than the base model on your photos.</source>
        <translation>Es war auf Ihren Fotos nie besser als das Ausgangsmodell.</translation>
    </message>
    <message>
        <source>More photos, or others, may help.</source>
        <translation>Mehr oder andere Fotos können helfen.</translation>
    </message>
    <message>
        <source>on one held-out photo</source>
        <translation>an einem zurückgelegten Foto</translation>
    </message>
    <message>
        <source>on {count} held-out photos</source>
        <translation>an {count} zurückgelegten Fotos</translation>
    </message>
    <message>
        <source>, lower is better</source>
        <translation>, weniger ist besser</translation>
    </message>
    <message>
        <source>better than the base model, by {gain}.</source>
        <translation>besser als das Ausgangsmodell, um {gain}.</translation>
    </message>
    <message>
        <source>hardly better, by {gain}, which may be chance.</source>
        <translation>kaum besser, um {gain}, was Zufall sein kann.</translation>
    </message>
    <message>
        <source>not better than the base model.</source>
        <translation>nicht besser als das Ausgangsmodell.</translation>
    </message>
    <message>
        <source>It is kept as a draft.</source>
        <translation>Es bleibt als Entwurf erhalten.</translation>
    </message>
    <message>
        <source>The earlier model of this name, which was better, stays.</source>
        <translation>Das frühere Modell dieses Namens, das besser war, bleibt.</translation>
    </message>
    <message>
        <source>More photos or more time may help.</source>
        <translation>Mehr Fotos oder mehr Zeit können helfen.</translation>
    </message>
    <message>
        <source>It was stopped early and can go on from here.</source>
        <translation>Es wurde vorzeitig beendet und kann von hier fortgesetzt werden.</translation>
    </message>
</context>
<context>
    <name>WatermarkPanel</name>
    <message>
        <source>Detect</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Show what is taken for a mark, so that you can correct it</source>
        <translation>Zeigen, was für ein Wasserzeichen gehalten wird, um es zu korrigieren</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Forget the mask: the mark is found automatically again</source>
        <translation>Maske vergessen: Das Wasserzeichen wird wieder automatisch gesucht</translation>
    </message>
    <message>
        <source>Move the picture</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Brush: paint over the mark</source>
        <translation>Pinsel: das Wasserzeichen übermalen</translation>
    </message>
    <message>
        <source>Eraser: this is no mark</source>
        <translation>Radierer: dies ist kein Wasserzeichen</translation>
    </message>
    <message>
        <source>Box around the mark (Alt takes out)</source>
        <translation>Rechteck um das Wasserzeichen (Alt nimmt heraus)</translation>
    </message>
    <message>
        <source>Lasso around the mark (Alt takes out)</source>
        <translation>Lasso um das Wasserzeichen (Alt nimmt heraus)</translation>
    </message>
    <message>
        <source>Brush size</source>
        <translation>Pinselgröße</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>Empfindlichkeit</translation>
    </message>
    <message>
        <source>Show the mask</source>
        <translation>Maske zeigen</translation>
    </message>
    <message>
        <source>Mask of this picture</source>
        <translation>Maske dieses Bildes</translation>
    </message>
    <message>
        <source>Clear the mask</source>
        <translation>Maske löschen</translation>
    </message>
    <message>
        <source>Found automatically in each picture. Detect shows it.</source>
        <translation>Wird in jedem Bild automatisch gesucht. „Suchen“ zeigt sie.</translation>
    </message>
    <message>
        <source>Only what is red is changed, and all of it.</source>
        <translation>Nur was rot ist, wird verändert, und zwar alles.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Startet…</translation>
    </message>
    <message>
        <source>Device that computes: {name}</source>
        <translation>Gerät, das rechnet: {name}</translation>
    </message>
    <message>
        <source>Copied: {text}</source>
        <translation>Kopiert: {text}</translation>
    </message>
    <message>
        <source>An export is under way: {done} of {total} files are done.</source>
        <translation>Ein Export läuft: {done} von {total} Dateien sind fertig.</translation>
    </message>
    <message>
        <source>Closed now, it can be resumed when the window opens again.</source>
        <translation>Wird jetzt geschlossen, kann er beim nächsten Öffnen fortgesetzt werden.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Bleiben</translation>
    </message>
</context>
</TS>
